import { createHash } from 'node:crypto';
import { loadTensorFlow } from '../../src/tensorflow/index.ts';
import { convolve, sizes } from './convolution.ts';

// Prints a hash of each output and gradient of some convolutions.
const tensorflow = await loadTensorFlow();
for (const text of ['7 6 6 40 3 48 1 2', '7 6 6 40 3 3 1 1', '7 9 9 40 3 48 2 1'])
  for (const tensor of convolve(tensorflow, sizes(text)))
    process.stdout.write(
      `${createHash('sha256').update(new Uint8Array(tensor.dataSync().slice().buffer)).digest('hex')}\n`,
    );
