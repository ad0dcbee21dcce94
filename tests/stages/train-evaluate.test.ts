import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatasetArtifact, ModelArtifact, ScoreReferenceArtifact } from '../../src/core/artifacts.ts';
import type { MetricEvent } from '../../src/core/events.ts';
import { Interrupted } from '../../src/core/failure.ts';
import { deriveSeed } from '../../src/core/random.ts';
import type { StageResume } from '../../src/core/stage.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { rangeTransform } from '../../src/data/transform.ts';
import { loadGenerator } from '../../src/models/generator.ts';
import { SCORE_NAMES } from '../../src/scores/catalogue.ts';
import train from '../../src/stages/train.ts';
import { withWeights } from '../../src/training/gan/chosen-weights.ts';
import { GeneratorScorer } from '../../src/training/gan/generator-scorer.ts';
import { failureOf } from '../data/rig.ts';
import { contents } from '../rig/contents.ts';
import { evaluated, prepared, TONES, tones } from '../rig/scored.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyModel } from '../rig/tiny-gan.ts';
import { drawFrom } from '../rig/tiny-generator.ts';

/** Scored at iterations 3, 6 and 7. */
const params = {
  batchSize: 8,
  iterations: 7,
  learningRate: 0.01,
  logEvery: 1,
  sample: { every: 4 },
  evaluate: { every: 3, count: 30, keep: 'kid' as const },
};

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
let reference: ScoreReferenceArtifact;

beforeAll(async () => {
  tensorflow = await testTensorFlow();
  dataset = { ...(await tones(20, 2)), transform: rangeTransform(-1, 1, 3) };
  ({ reference } = await prepared(tensorflow, { training: dataset, params: { count: 60 } }));
});

type Inputs = {
  dataset: DatasetArtifact;
  reference: ScoreReferenceArtifact | undefined;
  model: ModelArtifact;
};

interface Given extends Partial<StageContextOptions<unknown>> {
  readonly params?: object;
  readonly inputs?: Partial<Inputs>;
}

const run = ({ params: more, inputs, ...options }: Given = {}) =>
  runStage(
    train,
    { ...params, ...more },
    {
      ...options,
      inputs: { dataset, reference, model: { ...tinyModel(true, TONES), imageShape: [4, 4, 3] }, ...inputs },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );

type Ran = Awaited<ReturnType<typeof run>>;
type Event = Ran['context']['events'][number];

const pointsOf = (events: readonly Event[]): readonly MetricEvent[] =>
  events.filter(event => event.type === 'metric');

const scorePoints = ({ context }: Ran) =>
  pointsOf(context.events).filter(({ protocol }) => protocol !== undefined);

/** Without the speed, which differs in every run. */
const comparable = (points: readonly MetricEvent[]) =>
  points.map(({ values: { images_per_second: _speed, ...values }, ...point }) => ({ ...point, values }));

/** The iteration of the lowest KID. */
const lowest = (points: readonly MetricEvent[]) =>
  points.toSorted((one, other) => (one.values['kid'] as number) - (other.values['kid'] as number))[0]?.step;

/** Stops training at an event; returns its folder, its points and what it said. */
async function stoppedAt(isThere: (event: Event) => boolean, more: Given = {}) {
  const controller = new AbortController();
  const outputDir = await temporaryFolder();
  const events: Event[] = [];
  const onEvent = (event: Event) => {
    events.push(event);
    if (isThere(event)) controller.abort();
  };
  const error = await run({ ...more, outputDir, signal: controller.signal, onEvent }).then(
    () => expect.fail('it ended'),
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toBeInstanceOf(Interrupted);
  return { outputDir, points: pointsOf(events), message: error.message };
}

/** Resumes as the runner does: of the earlier points it keeps those asked for. */
async function resumed(outputDir: string, earlier: readonly MetricEvent[], more: Given = {}) {
  let kept: readonly MetricEvent[] = [];
  let isReproducible = false;
  const resume: StageResume = {
    keepMetrics(keep) {
      kept = earlier.filter(({ step }) => keep(step));
      return kept.length;
    },
    markReproducible: () => void (isReproducible = true),
  };
  const again = await run({ ...more, outputDir, resume });
  const warnings = again.context.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? event.text : [],
  );
  return { ...again, points: [...kept, ...pointsOf(again.context.events)], isReproducible, warnings };
}

type Resumed = Awaited<ReturnType<typeof resumed>>;

describe('scores on the way', () => {
  let whole: Ran;
  beforeAll(async () => {
    whole = await run();
  });

  /** Holds a training that resumed against one without a stop. */
  async function expectSame({ context, outputs, points, isReproducible, warnings }: Resumed): Promise<void> {
    expect(await contents(context.outputDir)).toEqual(await contents(whole.context.outputDir));
    expect(comparable(points)).toEqual(comparable(pointsOf(whole.context.events)));
    expect(outputs.model.bestIteration).toBe(whole.outputs.model.bestIteration);
    expect({ isReproducible, warnings }).toEqual({ isReproducible: true, warnings: [] });
  }

  test('are points of their own beside the usual ones, with intervals and the protocol', () => {
    const points = scorePoints(whole);
    expect(points.map(({ step }) => step)).toEqual([3, 6, 7]);
    for (const { values, intervals, protocol } of points) {
      expect(Object.keys(values).sort()).toEqual([...SCORE_NAMES].sort());
      expect(Object.keys(intervals ?? {}).sort()).toEqual([...SCORE_NAMES].sort());
      expect(protocol).toMatch(/^tiny@[0-9a-f]{8}\/30x60\/reference=[0-9a-f]{8}\/k=5\/kid=50x1000\/v1$/);
    }
    const usual = pointsOf(whole.context.events).filter(({ protocol }) => protocol === undefined);
    expect(usual.map(({ step }) => step)).toEqual(expect.arrayContaining([3, 6, 7]));
    for (const { values } of usual) expect(Object.keys(values)).not.toContain('kid');
  });

  test('choose the best generator, which is saved and described', async () => {
    const { model } = whole.outputs;
    const best = lowest(scorePoints(whole));
    expect(model).toMatchObject({ bestGenerator: 'generator-best', bestIteration: best, iterations: 7 });
    const described = JSON.parse(
      await readFile(join(model.dir, 'generator-best', 'generator.json'), 'utf8'),
    ) as object;
    expect(described).toMatchObject({ iteration: best });
    expect(whole.context.reports.at(-1)).toContain(`best at iteration ${best}`);
  });

  test('are those of the generator that is saved', async () => {
    const model = withWeights(whole.outputs.model, 'best');
    const scorer = await GeneratorScorer.open(tensorflow, reference);
    const generator = await loadGenerator(tensorflow.tf, model);
    const options = { count: 30, seed: deriveSeed(1, 'scores'), signal: new AbortController().signal };
    const { measured } = await scorer.score(generator, model, options);
    generator.dispose();
    await scorer.dispose();
    const point = scorePoints(whole).find(({ step }) => step === model.iterations);
    for (const [name, { value }] of Object.entries(measured.scores))
      expect(point?.values[name], name).toBeCloseTo(value, 3);
  });

  test('evaluate and sample take the best one, and the one of the end where it is asked for', async () => {
    const { model } = await run({ params: { evaluate: { every: 3, count: 30, keep: 'density' } } }).then(
      ({ outputs }) => outputs,
    );
    expect(model.bestIteration).toBeLessThan(model.iterations);
    const { metric } = await evaluated(tensorflow, model, reference);
    expect(metric?.step).toBe(model.bestIteration);
    const gridOf = async (given: Parameters<typeof drawFrom>[1]) => {
      const { dir } = await drawFrom(model, given);
      return (await readFile(join(dir, 'grid.png'))).toString('base64');
    };
    const end = await gridOf({ weights: 'end' });
    expect(await gridOf({})).not.toBe(end);
    expect(await gridOf({ weights: 'last' })).toBe(end);
  });

  test('use the moving averages where there are some', async () => {
    const { outputs } = await run({ params: { ema: 0.5 } });
    expect((await readdir(outputs.model.dir)).sort()).toEqual(
      expect.arrayContaining(['generator', 'generator-best', 'generator-last']),
    );
  });

  test.each([2, 3, 6])('stopped after iteration %i, it ends with the same files and points', async at => {
    const stopped = await stoppedAt(event => event.type === 'metric' && event.step === at);
    await expectSame(await resumed(stopped.outputDir, stopped.points));
  });

  test.each([2, 6])(
    'paused at iteration %i, likewise; scores that are due there come first',
    async pauseAt => {
      const events: Event[] = [];
      const outputDir = await temporaryFolder();
      const paused = run({ outputDir, pauseAt, onEvent: event => void events.push(event) });
      await expect(paused).rejects.toThrow(`paused at iteration ${pauseAt} of 7`);
      const last = pointsOf(events).at(-1);
      expect(last?.step).toBe(pauseAt);
      expect(last?.protocol !== undefined).toBe(pauseAt === 6);
      await expectSame(await resumed(outputDir, pointsOf(events)));
    },
  );

  test('killed when its scores are on record and their state is not kept, likewise', async () => {
    const events: Event[] = [];
    const outputDir = await temporaryFolder();
    const onEvent = (event: Event) => {
      if (event.type === 'checkpoint' && pointsOf(events).at(-1)?.step === 6) throw new Error('killed');
      events.push(event);
    };
    await expect(run({ outputDir, onEvent })).rejects.toThrow('killed');
    expect(pointsOf(events).at(-1)).toMatchObject({ step: 6, protocol: expect.anything() as string });
    await expectSame(await resumed(outputDir, pointsOf(events)));
  });

  test('stopped while it draws pictures to score, it resumes from where it was', async () => {
    const isScoring = (event: Event) =>
      event.type === 'progress' && event.done === 6 && event.text?.startsWith('scoring') === true;
    const stopped = await stoppedAt(isScoring);
    expect(stopped.message).toMatch(
      /^training stopped while iteration 6 of 7 was measured; the last checkpoint is .*iteration-00000\d$/,
    );
    await expectSame(await resumed(stopped.outputDir, stopped.points));
  });

  test('points that are gone are told, and the result is not vouched for', async () => {
    const stopped = await stoppedAt(event => event.type === 'metric' && event.step === 6);
    const lacking = stopped.points.filter(({ step, protocol }) => step !== 3 || protocol === undefined);
    const again = await resumed(stopped.outputDir, lacking);
    expect(again.isReproducible).toBe(false);
    expect(again.warnings).toContainEqual(
      expect.stringMatching(/^the metrics lack 1 point up to iteration 6/),
    );
  });

  test('longer, it has the best of a training that was as long from its beginning', async () => {
    const longer = { params: { iterations: 10 } };
    const all = await run(longer);
    const outputDir = await temporaryFolder();
    await cp(whole.context.outputDir, outputDir, { recursive: true, preserveTimestamps: true });
    const again = await resumed(outputDir, pointsOf(whole.context.events), longer);
    const steps = scorePoints(again).map(({ step }) => step);
    expect(steps).toEqual([9, 10]);
    expect(again.outputs.model).toMatchObject({
      bestIteration: all.outputs.model.bestIteration,
      iterations: 10,
    });
    expect(await contents(join(outputDir, 'generator-best'))).toEqual(
      await contents(join(all.context.outputDir, 'generator-best')),
    );
    // The score of iteration 7 is a point that a longer training does not have.
    expect(again.isReproducible).toBe(false);
  });
});

describe('what cannot be scored is refused before the first iteration', () => {
  const untrained = async (given: Given) => {
    const outputDir = await temporaryFolder();
    const failure = await failureOf(run({ ...given, outputDir }));
    expect(await readdir(outputDir)).toEqual([]);
    return failure;
  };

  test('no held-out pictures', async () => {
    const failure = await untrained({ inputs: { reference: undefined } });
    expect(failure).toMatchObject({ code: 'no-reference', exitCode: 2 });
  });

  test('other classes than the held-out ones, of which pictures would be asked for by the wrong labels', async () => {
    const classes = [...TONES].reverse();
    const inputs = {
      dataset: { ...dataset, classes },
      model: { ...tinyModel(true, classes), imageShape: [4, 4, 3] as const },
    };
    expect((await untrained({ inputs })).message).toBe(
      'the generator draws the classes light, grey, dark, and the held-out pictures are of dark, grey, light',
    );
  });

  test('a score to choose by that this reference does not allow', async () => {
    const { reference: own } = await prepared(tensorflow, { params: { count: 60 } });
    const failure = await untrained({
      params: { evaluate: { ...params.evaluate, keep: 'copies' } },
      inputs: { reference: own },
    });
    expect(failure.message).toBe('copies is not measured: score-reference has no input training');
  });
});

test('what scores mean, and which one chooses, does not change when training resumes', () => {
  expect(train.resumable).toMatchObject({
    parameters: expect.not.arrayContaining(['evaluate']) as readonly string[],
  });
});
