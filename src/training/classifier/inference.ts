import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { CompiledStep, TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import { forward } from '../../models/forward.ts';
import type { Network } from '../../models/network.ts';
import { product } from '../../models/shape.ts';
import { toNumbers } from '../../models/to-numbers.ts';
import { batchOutputs, type BatchOutputs } from '../batch-outputs.ts';
import type { StepState } from '../task.ts';

export interface InferenceOptions {
  /** Of the data that the network was trained on. */
  readonly transform: Transform;
  readonly batchSize: number;
}

/** A network as after training, compiled: with moving statistics and without dropout. Dispose of it after use. */
export class Inference {
  readonly #step: CompiledStep;
  readonly #network: Network;
  readonly #batchSize: number;

  constructor(tensorflow: TensorFlow, network: Network, { transform, batchSize }: InferenceOptions) {
    this.#network = network;
    this.#batchSize = batchSize;
    this.#step = tensorflow.compile({
      name: `${network.name} inference`,
      state: Object.fromEntries(
        network.weights.map(({ key, shape }) => [key, { shape, values: new Float32Array(product(shape)) }]),
      ),
      run: ({ examples }, weights) => {
        const x = toNumbers(tensorflow.tf, examples as Tf.Tensor, transform);
        return {
          outputs: { y: forward(tensorflow, network, weights, x, { training: false }).y },
          updates: {},
        };
      },
    });
  }

  /** @param state Weights by key; other entries are ignored. */
  async use(state: StepState): Promise<void> {
    await this.#step.write(
      Object.fromEntries(this.#network.weights.map(({ key }) => [key, state[key] as Float32Array])),
    );
  }

  /** Outputs of all examples in order, a batch at a time. */
  predict(examples: Examples): AsyncGenerator<BatchOutputs> {
    const options = { batchSize: this.#batchSize, width: this.#network.output[0] as number };
    return batchOutputs(examples, options, async batch => {
      const { y } = await this.#step.run({ examples: batch });
      return y as Float32Array;
    });
  }

  dispose(): Promise<void> {
    return this.#step.dispose();
  }
}
