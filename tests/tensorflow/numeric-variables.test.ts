import { expect, test } from 'vitest';
import { numericVariables } from '../../src/tensorflow/numeric-variables.ts';

test('variables that change last digits are told apart from those that change speed and messages', () => {
  const env = {
    TF_ENABLE_ONEDNN_OPTS: '0',
    ONEDNN_MAX_CPU_ISA: 'AVX2',
    CUDA_VISIBLE_DEVICES: '1',
    TF_CPP_MIN_LOG_LEVEL: '0',
    TF_NUM_INTRAOP_THREADS: '2',
    DNNL_VERBOSE: '1',
    PATH: '/bin',
  };
  expect(numericVariables(env)).toEqual(['ONEDNN_MAX_CPU_ISA=AVX2', 'TF_ENABLE_ONEDNN_OPTS=0']);
});

test('a variable at the value that pipe sets is the same as none', () => {
  expect(numericVariables({ TF_ENABLE_ONEDNN_OPTS: '1', XLA_FLAGS: undefined })).toEqual([]);
});
