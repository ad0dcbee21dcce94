import { describe } from 'vitest';
import { stepCases } from './compile-cases.ts';

describe('a step on the JavaScript backend, uncompiled', () => {
  stepCases('javascript');
});
