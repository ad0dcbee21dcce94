import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { loadTensorFlow } from '../../src/tensorflow/index.ts';

/** TensorFlow as it is set up on this machine; `javascript` is the pure JavaScript backend, always there. */
export const testTensorFlow = (backend?: 'javascript'): Promise<TensorFlow> =>
  loadTensorFlow({ env: { ...process.env, ...(backend && { PIPE_BACKEND: backend }) } });
