import { Type, type Static, type TSchema } from 'typebox';
import type { DatasetArtifact, Transform } from '../core/artifacts.ts';
import { bytesPerNumber } from '../core/artifacts/dataset.ts';
import { Failure } from '../core/failure.ts';
import type { DatasetOutline } from '../core/outline.ts';
import { defineStage, type ParamProblem, type StageContext } from '../core/stage.ts';
import { withDataset, withExamples } from '../data/dataset.ts';
import { listed } from '../data/report.ts';
import { channelStatistics, numberStatistics, type NumberStatistics } from '../data/statistics.ts';
import { rangeOfNumbers, rangeTransform, standardNumbers, standardTransform } from '../data/transform.ts';

const perChannel = <T extends TSchema>(number: T, description: string) =>
  Type.Optional(
    Type.Union([Type.Literal('auto'), number, Type.Array(number, { minItems: 1 })], { description }),
  );

const params = Type.Object(
  {
    range: Type.Tuple([Type.Number(), Type.Number()], {
      default: [-1, 1],
      description:
        'What black and white become: `[-1, 1]` is x / 127.5 - 1. Of data that is no images, what the least and the largest value of each column become. Not used when mean and std are given.',
    }),
    mean: perChannel(
      Type.Number(),
      'Subtracted from x / 255, or from x of data that is no images: a number, one per channel or column, or `auto`, the mean of the data. Together with std.',
    ),
    std: perChannel(
      Type.Number({ exclusiveMinimum: 0 }),
      'Divides what is left when mean is subtracted: a number, one per channel or column, or `auto`, the standard deviation of the data. Together with mean.',
    ),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;
type Context = StageContext<Params, { readonly dataset: DatasetArtifact }>;
type PerChannel = 'auto' | number | number[];

function check({ range: [low, high], mean, std }: Params): ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (low >= high)
    problems.push({
      path: ['range'],
      code: 'empty-range',
      message: `the range ends at ${high}, not above its start ${low}`,
      expected: 'two numbers, the lower one first',
      found: `[${low}, ${high}]`,
    });
  if ((mean === undefined) !== (std === undefined))
    problems.push({
      path: [mean === undefined ? 'std' : 'mean'],
      code: 'incomplete',
      message: `${mean === undefined ? 'std' : 'mean'} is given without ${mean === undefined ? 'mean' : 'std'}`,
      expected: 'both mean and std, or neither',
      hint: 'Add the other one, such as `auto`.',
    });
  return problems;
}

/** One number for each channel, from the parameter, or from the data for `auto`. */
function spread(
  name: string,
  given: PerChannel,
  { channels, shape }: DatasetArtifact,
  measured: readonly number[],
): readonly number[] {
  if (given === 'auto') return measured;
  if (typeof given === 'number') return new Array<number>(channels).fill(given);
  const wrong = wrongCount(name, given, { channels, shape });
  if (wrong !== undefined) throw new Failure({ ...wrong, exitCode: 2 });
  return given;
}

function wrongCount(name: string, given: PerChannel, { channels, shape }: DatasetOutline) {
  if (typeof given !== 'object' || channels === undefined || given.length === channels) return undefined;
  const [have, each] = shape === undefined ? ['images have', 'channels'] : ['examples have', 'columns'];
  return {
    code: 'wrong-channels',
    message: `${name} has ${given.length} numbers; the ${have} ${channels} ${each}`,
    hint: `Give one number for all ${each}, or ${channels}.`,
  };
}

/** The range of the transformed pixels or numbers, where known before the data is read. */
function rangeOf({ range, mean, std }: Params, { shape }: DatasetOutline): DatasetOutline['range'] {
  if (mean === undefined || std === undefined) return range;
  if (mean === 'auto' || std === 'auto' || shape !== undefined) return undefined;
  const [means, stds] = [[mean].flat(), [std].flat()];
  const ends = means.flatMap((center, channel) => {
    const deviation = stds[channel % stds.length] as number;
    return [-center / deviation, (1 - center) / deviation];
  });
  return [Math.min(...ends), Math.max(...ends)];
}

function problemsWith({ mean, std }: Params, dataset: DatasetOutline): readonly ParamProblem[] {
  return Object.entries({ mean, std }).flatMap(([name, given]) => {
    const wrong = given !== undefined && wrongCount(name, given, dataset);
    return wrong ? [{ ...wrong, path: [name] }] : [];
  });
}

async function ofImages(context: Context): Promise<Transform> {
  const { dataset } = context.inputs;
  const { range, mean, std } = context.params;
  if (mean === undefined || std === undefined) {
    context.report(`0 … 255 becomes ${range[0]} … ${range[1]}`);
    return rangeTransform(...range, dataset.channels);
  }
  const automatic = mean === 'auto' || std === 'auto';
  const measured = automatic
    ? await withDataset(dataset, data => channelStatistics(data, context.signal, progress(context)))
    : { mean: [], std: [] };
  const means = spread('mean', mean, dataset, measured.mean);
  const stds = spread('std', std, dataset, measured.std);
  const constant = stds.indexOf(0);
  if (constant !== -1)
    throw new Failure({
      code: 'constant-channel',
      message: `channel ${constant} has the same value in all pixels: its standard deviation is 0`,
      hint: 'Give std as a number, or use range.',
    });
  const transform = standardTransform(means, stds);
  context.report(`scale ${shown(transform.scale)}; offset ${shown(transform.offset)}`);
  return transform;
}

async function ofNumbers(context: Context): Promise<Transform> {
  const { dataset } = context.inputs;
  const { range, mean, std } = context.params;
  const statistics = () =>
    withExamples(dataset, data => numberStatistics(data, context.signal, progress(context)));
  if (mean === undefined || std === undefined) {
    const measured = await statistics();
    warnOfConstants(context, measured, `become ${range[0]}`);
    context.report(`the least value of each column becomes ${range[0]}, the largest ${range[1]}`);
    return rangeOfNumbers(range, measured.min, measured.max);
  }
  const measured = mean === 'auto' || std === 'auto' ? await statistics() : undefined;
  if (measured !== undefined && std === 'auto')
    warnOfConstants(context, measured, 'are not divided by their deviation, which is 0');
  const means = spread('mean', mean, dataset, measured?.mean ?? []);
  const deviations = measured?.std.map(deviation => (deviation === 0 ? 1 : deviation)) ?? [];
  const transform = standardNumbers(means, spread('std', std, dataset, deviations));
  context.report(`scale ${shown(transform.scale)}; offset ${shown(transform.offset)}`);
  return transform;
}

const progress = ({ inputs: { dataset }, emit }: Context) => {
  const total = dataset.count * dataset.height * dataset.width * dataset.channels * bytesPerNumber(dataset);
  return (done: number) => emit({ type: 'progress', done, total, unit: 'bytes' });
};

/** Names the columns that have one value in all examples, so that nothing can be learned from them. */
function warnOfConstants(context: Context, { min, max }: NumberStatistics, outcome: string): void {
  const { features } = context.inputs.dataset;
  const constant = min.flatMap((least, at) => (least === max[at] ? [features?.[at] ?? String(at)] : []));
  if (constant.length === 0) return;
  const names = listed(constant);
  const text = `columns that have the same value in all examples: ${names}; they ${outcome}`;
  context.emit({ type: 'log', level: 'warning', text });
}

const shown = (numbers: readonly number[]) => listed(numbers.map(number => number.toPrecision(4)));

export default defineStage({
  name: 'normalize',
  version: 1,
  summary:
    'Says which numbers the bytes of images, or the columns of other data, become; the files stay, and an earlier normalize is replaced.',
  params,
  inputs: { dataset: { kind: 'dataset', description: 'Labelled images, or other examples.' } },
  outputs: { dataset: { kind: 'dataset', description: 'The same examples with their transform set.' } },
  check,
  ignores: ({ mean }) => (mean === undefined ? [] : [{ path: ['range'], because: ['mean'] }]),
  outline: (given, { dataset }) => ({
    outputs: { dataset: { ...dataset, range: rangeOf(given, dataset) } },
    problems: problemsWith(given, dataset),
  }),
  async run(context) {
    const { dataset } = context.inputs;
    const transform = await (dataset.shape === undefined ? ofImages : ofNumbers)(context);
    return { dataset: { ...dataset, transform } };
  },
});
