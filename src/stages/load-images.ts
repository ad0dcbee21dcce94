import { Type, type Static } from 'typebox';
import { Failure } from '../core/failure.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { arrange, isLitter, looksLikePicture, SPLITS, type Layout } from '../data/image-layout.ts';
import { readImages, type UnreadablePicture } from '../data/image-reader.ts';
import { listFiles } from '../data/picture-files.ts';
import { describeDataset, grouped } from '../data/report.ts';
import { BYTES } from '../data/transform.ts';
import { resolveSource, shownPath } from '../data/source-path.ts';

const params = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      path: true,
      description:
        'A folder or .tar.gz with one subfolder per class, or with `train/<class>/` and `test/<class>/`.',
    }),
    split: Type.Union([Type.Literal('all'), Type.Literal('train'), Type.Literal('test')], {
      default: 'all',
      description: 'Which pictures, where there are `train/` and `test/` folders.',
    }),
    size: Type.Integer({
      default: 32,
      minimum: 4,
      maximum: 1024,
      description:
        'Height and width in pixels: each picture is cropped to the square in its middle and scaled to this.',
    }),
    channels: Type.Union([Type.Literal('auto'), Type.Literal(1), Type.Literal(3)], {
      default: 3,
      description:
        '3 for RGB, of which grey pictures get three equal channels; 1 for grey, which colours become by their luminance; `auto` for 1 where no picture has any colour, else 3.',
    }),
    background: Type.String({
      pattern: '^(white|black|#[0-9a-fA-F]{6})$',
      default: 'white',
      expected: '`white`, `black` or a colour such as `"#1e90ff"`',
      description: 'The colour behind transparent pixels: `white`, `black` or such as `"#1e90ff"`.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'At most this many pictures, as evenly from the classes as possible; without it all of them.',
      }),
    ),
    classes: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        uniqueItems: true,
        description: 'Only these classes, labelled in this order; without it all of them, by name.',
      }),
    ),
    onUnreadable: Type.Union([Type.Literal('warn'), Type.Literal('fail')], {
      default: 'warn',
      description:
        'What files that cannot be read as pictures lead to: they are named and left out, or the stage fails.',
    }),
  },
  { additionalProperties: false },
);

type Context = StageContext<Static<typeof params>>;

/** Pictures between two progress events. */
const PROGRESS_EVERY = 200;
/** Most files to list in a message; the log has all. */
const NAMED = 5;

function someOf(lines: readonly string[]): string[] {
  const rest = lines.length - NAMED;
  return rest > 0 ? [...lines.slice(0, NAMED), `… and ${grouped(rest)} more: see the log`] : [...lines];
}

function reportIgnored(context: Context, ignored: readonly string[]): void {
  const pictures = ignored.filter(looksLikePicture);
  for (const path of ignored)
    context.emit({ type: 'log', level: 'info', text: `outside class folders: ${path}` });
  if (pictures.length === 0) return;
  const text = `left out, as they are in no class folder (${grouped(pictures.length)}): ${someOf(pictures).join(', ')}`;
  context.emit({ type: 'log', level: 'warning', text });
}

const warn = (context: Context, text: string) => context.emit({ type: 'log', level: 'warning', text });

/** Warns of empty folders that look like classes, and of classes whose names differ only in case. */
function warnOfClasses(context: Context, { classes }: Layout, emptyFolders: readonly string[]): void {
  const parts = emptyFolders.map(folder => folder.split('/')).filter(names => !names.some(isLitter));
  const empty = [
    ...new Set(parts.flatMap(([top, inner]) => (SPLITS.includes(top ?? '') ? inner : top) ?? [])),
  ];
  const none = empty.filter(name => name !== '' && !classes.includes(name));
  if (none.length > 0)
    warn(context, `folders without pictures, which are no classes: ${someOf(none).join(', ')}`);
  const lower = classes.map(name => name.toLowerCase());
  const alike = classes.filter(
    (_, at) => lower.indexOf(lower[at] ?? '') !== lower.lastIndexOf(lower[at] ?? ''),
  );
  if (alike.length > 0)
    warn(context, `classes whose names differ in case alone: ${someOf(alike).join(', ')}`);
}

/** Warns of classes without a readable picture. */
function warnOfLostClasses(
  context: Context,
  { classes, pictures }: Layout,
  unreadable: readonly UnreadablePicture[],
): void {
  const lost = new Set(unreadable.map(({ path }) => path));
  const read = new Set(pictures.filter(({ path }) => !lost.has(path)).map(({ label }) => label));
  const without = classes.filter((_, label) => !read.has(label));
  if (without.length > 0 && lost.size > 0)
    warn(context, `classes without a picture that can be read: ${someOf(without).join(', ')}`);
}

function reportUnreadable(context: Context, unreadable: readonly UnreadablePicture[], total: number): void {
  if (unreadable.length === 0) return;
  const fatal = context.params.onUnreadable === 'fail';
  const lines = unreadable.map(({ path, reason }) => `${path}: ${reason}`);
  for (const line of lines) context.emit({ type: 'log', level: 'info', text: `unreadable: ${line}` });
  const summary = `${grouped(unreadable.length)} of ${grouped(total)} pictures cannot be read`;
  if (!fatal && unreadable.length < total) {
    const text = `${summary} and are left out: ${someOf(lines).join('; ')}`;
    context.emit({ type: 'log', level: 'warning', text });
    return;
  }
  throw new Failure({
    code: 'unreadable-images',
    message: summary,
    details: someOf(lines),
    hint: fatal
      ? 'Fix or remove them, or leave them out with onUnreadable: warn.'
      : 'Give JPEG or PNG files.',
  });
}

export default defineStage({
  name: 'load-images',
  version: 1,
  summary: 'Loads your own pictures from class folders, cropped and scaled to squares.',
  params,
  inputs: {},
  outputs: {
    dataset: { kind: 'dataset', description: 'Labelled images, uint8 [count, size, size, channels].' },
  },
  cacheKey: async ({ source }, { id, cwd, pipelineDir, digest }) =>
    digest((await resolveSource(source, `${id}.source`, { workingDir: cwd, pipelineDir })).path),
  outline: ({ size, channels, classes }) => ({
    outputs: {
      dataset: {
        height: size,
        width: size,
        ...(channels !== 'auto' && { channels }),
        classes,
        range: BYTES,
      },
    },
  }),
  async run(context) {
    const { source, split, limit = Infinity, classes, size, channels, background } = context.params;
    const { signal, outputDir } = context;
    const workingDir = context.cwd;
    const bases = { workingDir, pipelineDir: context.pipelineDir };
    const place = await resolveSource(source, `${context.id}.source`, bases);
    const name = shownPath(place.path, workingDir);
    const files = await listFiles(place, signal);
    const layout = arrange(files.paths, {
      name,
      source,
      what: `${context.id}.source`,
      split,
      classes,
      limit,
      skipOuterFolder: place.kind === 'archive',
    });
    reportIgnored(context, layout.ignored);
    warnOfClasses(context, layout, files.emptyFolders);
    const total = layout.pictures.length;
    const { dataset, unreadable } = await readImages(files, layout, `images ${name}`, {
      size,
      channels,
      background,
      signal,
      dir: outputDir,
      onProgress: done => {
        if (done % PROGRESS_EVERY === 0 || done === total)
          context.emit({ type: 'progress', done, total, unit: 'images' });
      },
    });
    reportUnreadable(context, unreadable, total);
    warnOfLostClasses(context, layout, unreadable);
    const lost = unreadable.length > 0 ? `, ${grouped(unreadable.length)} unreadable` : '';
    context.report(describeDataset(dataset) + lost);
    return { dataset };
  },
});
