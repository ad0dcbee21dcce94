import { setImmediate } from 'node:timers/promises';
import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { CompiledStep, StepInput, TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import { forward } from '../../models/forward.ts';
import type { Network } from '../../models/network.ts';
import { toNumbers } from '../feed.ts';
import type { StepState } from '../task.ts';

/** Predictions of consecutive examples. */
export interface Predictions {
  /** Position of the first one in its data set. */
  readonly first: number;
  readonly count: number;
  /** `[count, outputs]`: probabilities of classes, or numbers. */
  readonly outputs: Float32Array;
}

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
        network.weights.map(({ key, shape }) => [
          key,
          { shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)) },
        ]),
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

  /** Predictions of all examples in order, a batch at a time. Between two the event loop runs, as it does in training. */
  async *predict(examples: Examples): AsyncGenerator<Predictions> {
    const { count } = examples.artifact;
    const outputs = this.#network.output[0] as number;
    for (let first = 0; first < count; first += this.#batchSize) {
      const size = Math.min(this.#batchSize, count - first);
      const { y } = await this.#step.run({ examples: this.#input(examples, first, size) });
      yield { first, count: size, outputs: (y as Float32Array).subarray(0, size * outputs) };
      await setImmediate();
    }
  }

  /** A smaller last batch repeats its last example: another size would be another graph. */
  #input(examples: Examples, first: number, size: number): StepInput {
    const length = examples.artifact.count < this.#batchSize ? size : this.#batchSize;
    const indices = Uint32Array.from({ length }, (_, place) => first + Math.min(place, size - 1));
    return { shape: [length, ...examples.shape], values: examples.batch(indices) };
  }

  dispose(): Promise<void> {
    return this.#step.dispose();
  }
}
