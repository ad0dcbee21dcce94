import { describe } from 'vitest';
import { stepCases } from './compile-cases.ts';

describe('a compiled step', () => {
  stepCases();
});
