import type * as Tf from '@tensorflow/tfjs';
import { Failure } from '../../core/failure.ts';
import { sha256 } from '../../core/sha256.ts';
import type { CompiledStep, FrozenGraph, TensorFlow } from '../../core/tensorflow.ts';
import { fileFailure } from '../../data/file-failure.ts';
import { atMost, readWhole } from '../../storage/read-file.ts';
import type { Embedding } from './embedding.ts';
import { INCEPTION_FILE } from './inception-file.ts';

/** Tensors of the graph, by the code of the papers that defined FID and the inception score. */
const IMAGES = 'ExpandDims:0';
const FEATURES = 'pool_3:0';
const LOGITS = 'softmax/logits/MatMul';

/** Pictures at a time: the graph makes each one 299×299, whose largest activations are 5.5 MB. */
const BATCH = 32;

/** Largest file, in bytes. */
const LARGEST = 2 ** 30;

/**
 * The Inception graph of 2015, by whose features FID was defined (Heusel et al. 2017), run by native TensorFlow as it is: features
 * are the 2,048 numbers of `pool_3`, probabilities those of the inception score (Salimans et al. 2016), 1,008 without the bias of
 * the last layer. The graph resizes pictures itself.
 *
 * @param path `classify_image_graph_def.pb`, or another graph with nodes of these names.
 * @throws Failure where there is no such file, or it is another one; `graph-backend` on the JavaScript backend;
 * `embedding-size` for grey pictures
 */
export async function openInception(
  tensorflow: TensorFlow,
  path: string,
  imageShape: readonly number[],
): Promise<Embedding> {
  if (imageShape[2] !== 3) throw grey(imageShape);
  const bytes = await read(path);
  const hash = sha256(bytes);
  const graph = open(tensorflow, path, bytes);
  try {
    const weights = weightsName(path, graph);
    const run = async (images: Uint8Array, count: number, fetches: readonly string[]) => {
      const feed = { shape: [count, ...imageShape], values: Float32Array.from(images) };
      return graph.run({ [IMAGES]: feed }, fetches);
    };
    // One black picture tells how many features there are.
    const [pixels = 0] = [imageShape.reduce((product, size) => product * size, 1)];
    const [probe, kernel] = (await run(new Uint8Array(pixels), 1, [FEATURES, weights])) as [
      Float32Array,
      Float32Array,
    ];
    const width = probe.length;
    const softmax = compileSoftmax(tensorflow, kernel, width);
    const name = hash === INCEPTION_FILE.sha256 ? 'inception-2015-12-05' : 'inception-graph';
    return {
      id: `${name}@${hash.slice(0, 8)}`,
      name,
      width,
      imageShape,
      classes: [],
      batchSize: BATCH,
      embed: async (images, count) => {
        const [features] = (await run(images, count, [FEATURES])) as [Float32Array];
        const made = await softmax.run({ features: { shape: [count, width], values: features } });
        return { features, probabilities: made['probabilities'] as Float32Array };
      },
      dispose: async () => {
        await softmax.dispose();
        await graph.dispose();
      },
    };
  } catch (error) {
    await graph.dispose();
    throw error;
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readWhole(path, atMost(LARGEST));
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
}

const HINT = `it is ${INCEPTION_FILE.name} of inception-2015-12-05.tgz, ${INCEPTION_FILE.bytes} bytes`;

function open(tensorflow: TensorFlow, path: string, bytes: Uint8Array): FrozenGraph {
  try {
    return tensorflow.openGraph(bytes);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'graph-backend') throw error;
    throw new Failure({
      code: error.code,
      message: `${path}: ${error.message}`,
      hint: HINT,
      cause: error,
    });
  }
}

/** The name of the matrix `[features, classes]` of the last layer. */
function weightsName(path: string, { nodes }: FrozenGraph): string {
  const byName = new Map(nodes.map(node => [node.name, node]));
  const missing = [IMAGES, FEATURES, LOGITS]
    .map(tensor => tensor.split(':')[0] as string)
    .filter(name => !byName.has(name));
  const weights = byName.get(LOGITS)?.inputs[1];
  if (missing.length === 0 && weights !== undefined) return weights.includes(':') ? weights : `${weights}:0`;
  throw new Failure({
    code: 'not-inception',
    message: `${path} is not the Inception graph: of its nodes ${missing.length === 0 ? `${LOGITS} has no second input` : `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`}`,
    hint: HINT,
  });
}

/** Probabilities `[B, classes]` of features `[B, width]`, without a bias, as the inception score has them. */
function compileSoftmax(tensorflow: TensorFlow, kernel: Float32Array, width: number): CompiledStep {
  const { tf } = tensorflow;
  return tensorflow.compile({
    name: 'inception probabilities',
    state: { kernel: { shape: [width, kernel.length / width], values: kernel } },
    run: ({ features }, state) => ({
      outputs: {
        probabilities: tf.softmax(tf.matMul(features as Tf.Tensor2D, state['kernel'] as Tf.Tensor2D)),
      },
      updates: {},
    }),
  });
}

const grey = (imageShape: readonly number[]): Failure =>
  new Failure({
    code: 'embedding-size',
    message: `the Inception graph takes pictures of 3 channels, and these are ${imageShape.join('×')}`,
    hint: 'load the pictures with channels: 3',
  });
