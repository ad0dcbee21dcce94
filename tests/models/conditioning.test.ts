import { conditioningCases } from './conditioning-cases.ts';

// On TensorFlow as it is set up on this machine.
conditioningCases();
