import { describe, test } from 'vitest';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { refusalCases, stepCases } from './compile-cases.ts';

describe('a compiled step', () => {
  stepCases();
});

const { kind } = await testTensorFlow();

describe.skipIf(kind === 'javascript')('a compiled step refuses', () => {
  refusalCases();
});

test.runIf(kind === 'javascript')('(the refusals need native TensorFlow: run pipe setup)', () => undefined);
