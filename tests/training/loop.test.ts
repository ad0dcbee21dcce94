import { beforeAll, describe, expect, test } from 'vitest';
import type { NetworkSpec } from '../../src/core/artifacts.ts';
import { Failure } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { openDataset, type Dataset } from '../../src/data/dataset.ts';
import { bindImageNetwork } from '../../src/models/image-network.ts';
import { oneHotLabels } from '../../src/models/labels.ts';
import { toNumbers } from '../../src/models/to-numbers.ts';
import { Batches } from '../../src/training/batches.ts';
import { dropoutSeed, imageInputs, scalarInput } from '../../src/training/feed.ts';
import { trainLoop, type LoopOptions } from '../../src/training/loop.ts';
import { accuracy, softmaxCrossEntropy } from '../../src/training/losses.ts';
import { networkStep } from '../../src/training/network-step.ts';
import { sgd } from '../../src/training/optimizers/sgd.ts';
import type { Metrics, TrainingState, TrainingTask } from '../../src/training/task.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

let tensorflow: TensorFlow;
let dataset: Dataset;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
  dataset = await openDataset(await tinyDataset());
  return () => dataset.close();
});

const spec: NetworkSpec = {
  layers: [
    { use: 'conv2d', filters: 4, kernelSize: 3, strides: 2 },
    { use: 'batchNormalization', momentum: 0.8 },
    { use: 'activation', activation: 'relu' },
    { use: 'dropout', rate: 0.2 },
    { use: 'flatten' },
    { use: 'dense', units: 'classes' },
  ],
};

/** A classifier with batch normalisation and dropout, on images with a little noise: no GAN. */
function classifier(rate = 0.05): TrainingTask<'loss' | 'accuracy'> {
  const { tf } = tensorflow;
  const { artifact } = dataset;
  const classes = artifact.classes.length;
  const network = bindImageNetwork('classifier', spec, artifact, [classes]);
  return {
    step: networkStep<'images' | 'labels' | 'noise'>(tensorflow, network, {
      seed: 1,
      optimizer: sgd({ momentum: 0.9 }),
      loss: ({ images, labels, noise }, pass) => {
        const logits = pass(toNumbers(tf, images, artifact.transform).add(noise));
        const metrics = { accuracy: accuracy(tf, logits, labels) };
        return { loss: softmaxCrossEntropy(logits, oneHotLabels(tf, labels, classes)), metrics };
      },
    }),
    batches: new Batches({ count: artifact.count, batchSize: 8, shuffle: true, seed: 2 }),
    feed: ({ iteration, indices, random }) => ({
      ...imageInputs(dataset, indices),
      noise: { shape: [], values: random.normals(1).map(value => value / 100) },
      seed: dropoutSeed(3, iteration),
      learningRate: scalarInput(rate),
    }),
  };
}

interface Trained {
  readonly metrics: readonly Metrics[];
  readonly states: readonly TrainingState[];
}

async function train(
  task: TrainingTask<'loss' | 'accuracy'>,
  options: Partial<LoopOptions> & { readonly onIteration?: (iteration: number) => void } = {},
): Promise<Trained> {
  const metrics: Metrics[] = [];
  const states: TrainingState[] = [];
  await trainLoop(tensorflow, task, {
    until: 20,
    every: 8,
    seed: 4,
    signal: new AbortController().signal,
    observer: {
      iteration: (iteration, values) => {
        metrics.push(values);
        options.onIteration?.(iteration);
      },
      state: state => Promise.resolve(void states.push(state)),
    },
    ...options,
  });
  return { metrics, states };
}

describe('the loop', () => {
  test('trains what is no GAN, and gives the states that can be kept', async () => {
    const { metrics, states } = await train(classifier(), { until: 60 });
    expect(metrics).toHaveLength(60);
    expect(metrics.at(-1)?.['loss']).toBeLessThan((metrics[0]?.['loss'] as number) / 2);
    expect(states.map(({ iteration }) => iteration)).toEqual([0, 8, 16, 24, 32, 40, 48, 56, 60]);
    const moving = 'classifier/batchNormalization/movingVariance';
    expect(states[1]?.state[moving]).not.toEqual(states[0]?.state[moving]);
  });

  test('resumes from any of them to the same bits, noise and dropout included', async () => {
    const whole = await train(classifier());
    for (const [at, state] of whole.states.slice(1, -1).entries()) {
      const { iteration, random: noise } = state;
      const resumed = await train(classifier(), { resume: { iteration, noise, state: state.state } });
      expect(resumed.metrics).toEqual(whole.metrics.slice(iteration));
      expect(resumed.states).toEqual(whole.states.slice(at + 2));
    }
  });

  test('hands what a watch remembers to whoever keeps its states, and back to it on resume', async () => {
    const counting = (seen: number[]): TrainingTask<'loss' | 'accuracy'> => {
      let [count, recalled] = [0, 0];
      const watch = {
        iteration: (iteration: number) => {
          count++;
          seen.push(iteration - recalled - count);
        },
        memory: () => ({ count }),
        recall: (memory: Readonly<Record<string, number>>) => {
          recalled = memory['count'] ?? 0;
        },
      };
      return { ...classifier(), watch };
    };
    const { states } = await train(counting([]), { until: 9 });
    expect(states.map(({ memory }) => memory)).toEqual([{ count: 0 }, { count: 8 }, { count: 9 }]);
    const { iteration, random: noise, state, memory } = states[1] as TrainingState;
    const seen: number[] = [];
    await train(counting(seen), { until: 10, resume: { iteration, noise, state, memory } });
    expect(seen).toEqual([0, 0]);
  });

  test('stops after the iteration in which its signal is aborted, and gives that state', async () => {
    const controller = new AbortController();
    const onIteration = (iteration: number) => {
      if (iteration === 5) controller.abort();
    };
    const { metrics, states } = await train(classifier(), { signal: controller.signal, onIteration });
    expect(metrics).toHaveLength(5);
    expect(states.map(({ iteration }) => iteration)).toEqual([0, 5]);
  });

  describe('with an iteration to pause at', () => {
    const iterations = ({ states }: Trained) => states.map(({ iteration }) => iteration);
    const from = (states: readonly TrainingState[], at: number) => {
      const { iteration, random: noise, state } = states[at] as TrainingState;
      return { iteration, noise, state };
    };

    test('stops after exactly it, gives that state, and goes on from there to the same bits', async () => {
      const whole = await train(classifier());
      const paused = await train(classifier(), { pauseAt: 5 });
      expect(iterations(paused)).toEqual([0, 5]);
      const again = await train(classifier(), { pauseAt: 8, resume: from(paused.states, 1) });
      expect(iterations(again)).toEqual([8]);
      const resumed = await train(classifier(), { resume: from(again.states, 0) });
      const metrics = [paused, again, resumed].flatMap(each => each.metrics);
      expect(metrics).toEqual(whole.metrics);
      expect(resumed.states).toEqual(whole.states.slice(2));
    });

    test.each([20, 21])('runs to its end where that is %d: the last iteration, or beyond', async pauseAt => {
      expect(iterations(await train(classifier(), { pauseAt }))).toEqual([0, 8, 16, 20]);
    });

    test('runs to its end from a checkpoint beyond it, and stays at one of it', async () => {
      const { states } = await train(classifier(), { until: 8 });
      const resume = from(states, 1);
      expect(iterations(await train(classifier(), { pauseAt: 7, resume }))).toEqual([16, 20]);
      const stayed = await train(classifier(), { pauseAt: 8, resume });
      expect(stayed).toEqual({ metrics: [], states: [] });
    });

    test('measures before it pauses what is due at this iteration', async () => {
      const measured: number[] = [];
      const validation: TrainingTask['validation'] = {
        every: 4,
        hasOwnPoints: false,
        isDue: iteration => iteration % 4 === 0,
        measure: (_, iteration) => {
          measured.push(iteration);
          return Promise.resolve({ numbers: { val_loss: iteration } });
        },
        end: () => undefined,
        memory: () => ({ measured: measured.length }),
        recall: () => {},
        needs: () => [],
        isUsable: () => true,
        hasForeignPoint: () => false,
      };
      const { states } = await train({ ...classifier(), validation }, { pauseAt: 4 });
      expect(measured).toEqual([4]);
      expect(states.map(({ iteration, memory }) => [iteration, memory])).toEqual([
        [0, { measured: 0 }],
        [4, { measured: 1 }],
      ]);
    });
  });

  test('hands the pictures of a task to whoever keeps its states', async () => {
    const snapshot = (_: unknown, iteration: number) =>
      Promise.resolve({ samples: Uint8Array.of(iteration) });
    const { states } = await train({ ...classifier(), snapshot }, { until: 8 });
    expect(states.map(({ pictures }) => pictures)).toEqual([
      { samples: Uint8Array.of(0) },
      { samples: Uint8Array.of(8) },
    ]);
  });

  test('fails at a number that is not finite, and says what the task advises', async () => {
    const diverging = { ...classifier(1e30), remedy: 'Train less.' };
    const failure = await train(diverging).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).message).toMatch(
      /^Training diverged: loss is (NaN|Infinity) at iteration \d+\.$/,
    );
    expect((failure as Failure).hint).toBe('Train less.');
  });

  test('refuses a checkpoint of another task', async () => {
    const { states } = await train(classifier(), { until: 1 });
    const { iteration, random: noise, state } = states.at(-1) as TrainingState;
    const other = Object.fromEntries(Object.entries(state).slice(1));
    await expect(train(classifier(), { resume: { iteration, noise, state: other } })).rejects.toMatchObject({
      code: 'checkpoint-of-other-networks',
    });
  });
});

test('a network that ends in another shape is named', () => {
  const end = () => bindImageNetwork('classifier', spec, dataset.artifact, [10]);
  expect(end).toThrow('classifier: the network ends in [B, 3], and [B, 10] is needed.');
});
