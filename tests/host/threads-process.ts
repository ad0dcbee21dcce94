import { loadSharp } from '../../src/images/sharp.ts';
import { loadTensorFlow } from '../../src/tensorflow/index.ts';

// Prints the threads of TensorFlow and of sharp.
await loadTensorFlow();
const sharp = await loadSharp();
process.stdout.write(`${process.env['TF_NUM_INTRAOP_THREADS']} ${sharp.concurrency()}`);
