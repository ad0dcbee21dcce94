import { createHash } from 'node:crypto';
import { loadTensorFlow } from '../../../src/tensorflow/index.ts';
import { normalize } from './batch-norm.ts';
import { convolve, convolveAndFinish, sizes } from './convolution.ts';
import { normalizeKernel } from './spectral-norm.ts';

// Prints a hash of each output and gradient of some convolutions and normalisations.
const tensorflow = await loadTensorFlow();
const convolutions = [
  '7 6 6 40 3 48 1 2',
  '7 6 6 40 3 3 1 1',
  '7 9 9 40 3 48 2 1',
  '7 14 15 40 3 48 1 1',
  '7 17 18 40 4 48 2 1',
  '7 17 18 3 3 48 2 1',
];
const results = convolutions.flatMap(text => convolve(tensorflow, sizes(text)));
for (const tensor of [
  ...results,
  ...convolveAndFinish(tensorflow, sizes('7 14 15 40 3 48 1 1'), 0.2),
  ...normalize(tensorflow, [7, 9, 9, 40]),
  ...normalize(tensorflow, [7, 9, 9, 40], { perImage: true, slope: 0.2 }),
  ...normalizeKernel(tensorflow, [3, 3, 40, 48]),
]) {
  const bytes = new Uint8Array(tensor.dataSync().slice().buffer);
  process.stdout.write(`${createHash('sha256').update(bytes).digest('hex')}\n`);
}
