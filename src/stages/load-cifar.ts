import { Type, type Static } from 'typebox';
import { Failure, Interrupted } from '../core/failure.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { CIFAR_CLASSES, CIFAR_SHAPE } from '../data/cifar-format.ts';
import { findCifar, locateCifar, OFFICIAL_ARCHIVE } from '../data/cifar-location.ts';
import { readCifar } from '../data/cifar-reader.ts';
import { DatasetWriter } from '../data/dataset-writer.ts';
import { describeDataset } from '../data/report.ts';
import { BYTES } from '../data/transform.ts';
import { unknownClasses } from '../data/unknown-classes.ts';
import { shownPath } from '../data/source-path.ts';
import { SYNTHETIC_CLASSES, drawSynthetic } from '../data/synthetic.ts';

const params = Type.Object(
  {
    source: Type.Union(
      [Type.Literal('auto'), Type.Literal('synthetic'), Type.String({ minLength: 1, path: true })],
      {
        default: 'auto',
        description:
          'Where the images come from: `auto` (`$CIFAR10_DIR`, `data/`, the cache, else a download), a folder or .tar.gz of the binary version, or `synthetic` (drawn by pipe).',
      },
    ),
    split: Type.Union([Type.Literal('all'), Type.Literal('train'), Type.Literal('test')], {
      default: 'all',
      description:
        'Which images: 50,000 for training, 10,000 for tests, or both stacked. Synthetic test images differ from the training images.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'At most this many images, the first ones; without it all of them.',
      }),
    ),
    classes: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description: 'Only these classes, labelled in this order; without it all ten.',
      }),
    ),
    count: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'How many images to draw when the source is `synthetic`.',
    }),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;
type Context = StageContext<Params>;

/** Images drawn between two checks of the abort signal. */
const DRAWN_AT_ONCE = 500;

const classesOf = (source: string) => (source === 'synthetic' ? SYNTHETIC_CLASSES : CIFAR_CLASSES);

async function writeSynthetic(context: Context, classes: readonly string[], writer: DatasetWriter) {
  const { split, count, limit } = context.params;
  const total = limit ?? count;
  while (writer.count < total) {
    if (context.signal.aborted) throw new Interrupted();
    const drawn = drawSynthetic({
      seed: context.seed,
      split: split === 'test' ? 'test' : 'train',
      classes,
      first: writer.count,
      count: Math.min(DRAWN_AT_ONCE, total - writer.count),
    });
    await writer.append(drawn.images, drawn.labels);
    context.emit({ type: 'progress', done: writer.count, total, unit: 'images' });
  }
  return 'synthetic';
}

async function writeCifar(context: Context, classes: readonly string[], writer: DatasetWriter) {
  const { source, split, limit = Infinity } = context.params;
  const workingDir = context.cwd;
  const place = await locateCifar(source, {
    stage: context.id,
    workingDir,
    pipelineDir: context.pipelineDir,
    home: context.home,
    env: context.env,
    signal: context.signal,
    onProgress: (done, total) =>
      context.emit({ type: 'progress', done, total, unit: 'bytes', text: 'downloading CIFAR-10' }),
  });
  context.emit({ type: 'log', level: 'info', text: `reading ${place.path}` });
  await readCifar(place, { split, classes, limit }, writer, context.signal, done =>
    context.emit({ type: 'progress', done, unit: 'images' }),
  );
  if (writer.count === 0)
    throw new Failure({
      code: 'no-images',
      message: `${place.path} has no images of ${classes.join(', ')} in split: ${split}`,
      hint: 'Choose other classes or another split.',
    });
  return `cifar-10 ${shownPath(place.path, workingDir)}`;
}

export default defineStage({
  name: 'load-cifar',
  version: 1,
  summary: 'Loads CIFAR-10, or pictures that pipe draws itself, as labelled 32×32 RGB images.',
  params,
  inputs: {},
  outputs: { dataset: { kind: 'dataset', description: 'Labelled images, uint8 [count, 32, 32, 3].' } },
  cacheKey: async ({ source }, { id, cwd, digest, ...around }) => {
    if (source === 'synthetic') return 'synthetic';
    const place = await findCifar(source, { stage: id, workingDir: cwd, ...around });
    // A download is identified by its hash.
    return place === undefined ? OFFICIAL_ARCHIVE.sha256 : digest(place.path);
  },
  ignores: ({ source, count, limit }) => {
    if (source !== 'synthetic')
      return [
        {
          path: ['count'],
          because: ['source'],
          hint: 'limit bounds the images of files, and count those that are drawn',
        },
      ];
    if (limit === undefined) return [];
    return limit < count
      ? [{ path: ['count'], because: ['limit'] }]
      : [
          {
            path: ['limit'],
            because: ['count'],
            hint: 'no more images are drawn than count says: raise that',
          },
        ];
  },
  check: ({ source, classes = [] }) => unknownClasses(classes, classesOf(source)),
  outline: ({ source, classes = classesOf(source), count, limit }) => ({
    outputs: {
      dataset: {
        ...CIFAR_SHAPE,
        classes,
        range: BYTES,
        ...(source === 'synthetic' && { count: limit ?? count }),
      },
    },
  }),
  async run(context) {
    const { source, classes = classesOf(source) } = context.params;
    const writer = await DatasetWriter.create(context.outputDir, CIFAR_SHAPE);
    try {
      const write = source === 'synthetic' ? writeSynthetic : writeCifar;
      const written = await write(context, classes, writer);
      const dataset = await writer.finish({ classes, source: written });
      context.report(describeDataset(dataset));
      return { dataset };
    } finally {
      await writer.close();
    }
  },
});
