import { stepCases } from './step-cases.ts';

stepCases();
