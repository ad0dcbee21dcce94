import { Type, type Static, type TSchema } from 'typebox';
import type { DatasetArtifact, Transform } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { DatasetOutline } from '../core/outline.ts';
import { defineStage, type ParamProblem, type StageContext } from '../core/stage.ts';
import { openDataset } from '../data/dataset.ts';
import { channelStatistics, type ChannelStatistics } from '../data/statistics.ts';
import { rangeTransform, standardTransform } from '../data/transform.ts';

const perChannel = <T extends TSchema>(number: T, description: string) =>
  Type.Optional(
    Type.Union([Type.Literal('auto'), number, Type.Array(number, { minItems: 1 })], { description }),
  );

const params = Type.Object(
  {
    range: Type.Tuple([Type.Number(), Type.Number()], {
      default: [-1, 1],
      description:
        'What black and white become: `[-1, 1]` is x / 127.5 - 1. Not used when mean and std are given.',
    }),
    mean: perChannel(
      Type.Number(),
      'Subtracted from x / 255: a number, one per channel, or `auto`, the mean of the data. Together with std.',
    ),
    std: perChannel(
      Type.Number({ exclusiveMinimum: 0 }),
      'Divides x / 255 - mean: a number, one per channel, or `auto`, the deviation of the data. Together with mean.',
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
function spread(name: string, given: PerChannel, channels: number, measured: () => readonly number[]) {
  if (given === 'auto') return measured();
  if (typeof given === 'number') return new Array<number>(channels).fill(given);
  const wrong = wrongCount(name, given, channels);
  if (wrong !== undefined) throw new Failure({ ...wrong, exitCode: 2 });
  return given;
}

function wrongCount(name: string, given: PerChannel, channels: number) {
  if (typeof given !== 'object' || given.length === channels) return undefined;
  return {
    code: 'wrong-channels',
    message: `${name} has ${given.length} numbers; the images have ${channels} channels`,
    hint: `Give one number for all channels, or ${channels}.`,
  };
}

/** The range of the transformed pixels, where known before the data is read. */
function rangeOf({ range, mean, std }: Params): DatasetOutline['range'] {
  if (mean === undefined || std === undefined) return range;
  if (mean === 'auto' || std === 'auto') return undefined;
  const [means, stds] = [[mean].flat(), [std].flat()];
  const ends = means.flatMap((center, channel) => {
    const deviation = stds[channel % stds.length] as number;
    return [-center / deviation, (1 - center) / deviation];
  });
  return [Math.min(...ends), Math.max(...ends)];
}

function problemsWith({ mean, std }: Params, { channels }: DatasetOutline): readonly ParamProblem[] {
  return Object.entries({ mean, std }).flatMap(([name, given]) => {
    const wrong = given !== undefined && channels !== undefined && wrongCount(name, given, channels);
    return wrong ? [{ ...wrong, path: [name] }] : [];
  });
}

async function measure(context: Context): Promise<ChannelStatistics> {
  const dataset = await openDataset(context.inputs.dataset);
  const total = dataset.artifact.count * dataset.imageBytes;
  try {
    return await channelStatistics(dataset, context.signal, done => {
      context.emit({ type: 'progress', done, total, unit: 'bytes' });
    });
  } finally {
    await dataset.close();
  }
}

async function standardize(context: Context, mean: PerChannel, std: PerChannel): Promise<Transform> {
  const { dataset } = context.inputs;
  const automatic = mean === 'auto' || std === 'auto';
  const measured = automatic ? await measure(context) : { mean: [], std: [] };
  const means = spread('mean', mean, dataset.channels, () => measured.mean);
  const stds = spread('std', std, dataset.channels, () => measured.std);
  const constant = stds.indexOf(0);
  if (constant !== -1)
    throw new Failure({
      code: 'constant-channel',
      message: `channel ${constant} has the same value in all pixels: its standard deviation is 0`,
      hint: 'Give std as a number, or use range.',
    });
  return standardTransform(means, stds);
}

const shown = (numbers: readonly number[]) => numbers.map(number => number.toPrecision(4)).join(', ');

export default defineStage({
  name: 'normalize',
  version: 1,
  summary:
    'Says which numbers the bytes of images become; the bytes stay, and an earlier normalize is replaced.',
  params,
  inputs: { dataset: { kind: 'dataset', description: 'Labelled images.' } },
  outputs: { dataset: { kind: 'dataset', description: 'The same images with their transform set.' } },
  check,
  ignores: ({ mean }) => (mean === undefined ? [] : [{ path: ['range'], because: ['mean'] }]),
  outline: (given, { dataset }) => ({
    outputs: { dataset: { ...dataset, range: rangeOf(given) } },
    problems: problemsWith(given, dataset),
  }),
  async run(context) {
    const { dataset } = context.inputs;
    const { range, mean, std } = context.params;
    if (mean === undefined || std === undefined) {
      const transform = rangeTransform(...range, dataset.channels);
      context.report(`0 … 255 becomes ${range[0]} … ${range[1]}`);
      return { dataset: { ...dataset, transform } };
    }
    const transform = await standardize(context, mean, std);
    context.report(`scale ${shown(transform.scale)}; offset ${shown(transform.offset)}`);
    return { dataset: { ...dataset, transform } };
  },
});
