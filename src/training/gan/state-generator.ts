import type * as Tf from '@tensorflow/tfjs';
import type { CompiledStep, TensorFlow } from '../../core/tensorflow.ts';
import { forward } from '../../models/forward.ts';
import type { Generator } from '../../models/generator.ts';
import type { Network } from '../../models/network.ts';
import { product } from '../../models/shape.ts';
import type { StepState } from '../task.ts';

/** A generator that draws by states of training, with moving statistics and without dropout. Dispose of it after use. */
export class StateGenerator implements Generator {
  readonly #step: CompiledStep;
  readonly #network: Network;

  constructor(tensorflow: TensorFlow, network: Network) {
    this.#network = network;
    this.#step = tensorflow.compile({
      name: `${network.name} drawing`,
      state: Object.fromEntries(
        network.weights.map(({ key, shape }) => [key, { shape, values: new Float32Array(product(shape)) }]),
      ),
      run: ({ z, labels }, weights) => {
        const { y } = forward(tensorflow, network, weights, z as Tf.Tensor, { training: false, labels });
        return { outputs: { y }, updates: {} };
      },
    });
  }

  /** @param state Weights by key; other entries are ignored. */
  async use(state: StepState): Promise<void> {
    await this.#step.write(
      Object.fromEntries(this.#network.weights.map(({ key }) => [key, state[key] as Float32Array])),
    );
  }

  async generate(z: Float32Array, label: number | Float32Array | undefined): Promise<Float32Array> {
    const { latent, classes } = this.#network.dimensions;
    const count = z.length / latent;
    const { y } = await this.#step.run({
      z: { shape: [count, latent], values: z },
      ...(label !== undefined && {
        labels: { shape: [count, classes], values: rowsOf(label, count, classes) },
      }),
    });
    return y as Float32Array;
  }

  dispose(): void {
    void this.#step.dispose();
  }
}

/** Weights of the classes `[count, classes]`: those given, or 1 for one class. */
function rowsOf(label: number | Float32Array, count: number, classes: number): Float32Array {
  if (typeof label !== 'number') return label;
  const rows = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) rows[row * classes + label] = 1;
  return rows;
}
