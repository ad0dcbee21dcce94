/** The machine's peak in float32: the best matrix product that TensorFlow makes here, as a JSON line in GFLOP/s. */
import { importSource } from '../source.js';

const SIZE = 2048;
const REPETITIONS = 15;

const { loadTensorFlow } = await importSource('src/tensorflow/index.ts');
const { tf, version } = await loadTensorFlow();
const a = tf.randomNormal([SIZE, SIZE]);
const b = tf.randomNormal([SIZE, SIZE]);
const times = Array.from({ length: REPETITIONS }, () => {
  const start = performance.now();
  tf.dispose(tf.matMul(a, b));
  return performance.now() - start;
});
const gflops = (2 * SIZE ** 3) / Math.min(...times) / 1e6;
console.log(JSON.stringify({ peer: 'peak', gflops, versions: { tensorflow: version } }));
