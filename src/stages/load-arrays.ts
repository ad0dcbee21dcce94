import type { DatasetArtifact } from '../core/artifacts.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { DatasetWriter } from '../data/dataset-writer.ts';
import { chooseArrays, type ChosenArrays } from '../data/npy/choose.ts';
import { arraysLayout, type ArraysLayout } from '../data/npy/layout.ts';
import { openArrays } from '../data/npy/open.ts';
import { arraysParams, arraysProblems, type ArraysParams } from '../data/npy/params.ts';
import { readRows, rowLength, type RowsOptions } from '../data/npy/rows.ts';
import { readClasses, readTargets, toFloat32 } from '../data/npy/values.ts';
import { describeDataset, listed } from '../data/report.ts';
import { resolveFile, shownPath } from '../data/source-path.ts';
import { UNLABELLED } from '../data/unlabelled.ts';

type Context = StageContext<ArraysParams>;
type Place = Pick<Context, 'id' | 'cwd' | 'pipelineDir'>;

interface Sources {
  /** The files, absolute. */
  readonly paths: readonly string[];
  readonly chosen: ChosenArrays;
  readonly layout: ArraysLayout;
}

async function openSources(params: ArraysParams, { id, cwd, pipelineDir }: Place): Promise<Sources> {
  const given = [['source', params.source] as const, ['labels', params.labels] as const];
  const named = given.flatMap(([parameter, path]) => (path === undefined ? [] : [{ parameter, path }]));
  const bases = { workingDir: cwd, pipelineDir };
  const paths = await Promise.all(
    named.map(({ parameter, path }) => resolveFile(path, `${id}.${parameter}`, bases)),
  );
  const [source = '', labels] = paths;
  const open = (path: string) => openArrays(path, shownPath(path, cwd));
  const chosen = await chooseArrays(
    await open(source),
    labels === undefined ? undefined : await open(labels),
    params,
  );
  return { paths, chosen, layout: arraysLayout(chosen, params) };
}

/** Labels or targets of all examples, and what they are called. */
async function readAnswers(
  { chosen: { labels }, layout }: Sources,
  params: ArraysParams,
  options: RowsOptions,
) {
  if (labels === undefined) return { answers: new Uint8Array(layout.count), classes: UNLABELLED };
  if (layout.targets !== undefined)
    return { answers: await readTargets(labels, options), targets: layout.targets };
  const { labels: answers, classes } = await readClasses(labels, params.classes, options);
  return { answers, classes };
}

/** Labels up to this size are checked before an experiment begins. */
const INSPECTED = 8 << 20;

async function inspectLabels({ chosen: { labels }, layout }: Omit<Sources, 'paths'>, params: ArraysParams) {
  if (labels === undefined || layout.targets !== undefined) return;
  // A file in Fortran order would need a folder to work in.
  if (labels.isFortran || layout.count * labels.dtype.bytes > INSPECTED) return;
  const { signal } = new AbortController();
  await readClasses(labels, params.classes, { limit: layout.count, dir: '', signal });
}

async function write(context: Context, sources: Sources): Promise<DatasetArtifact> {
  const { params, outputDir, signal, emit } = context;
  const { chosen, layout } = sources;
  const options = { limit: layout.count, dir: outputDir, signal };
  const { answers, ...names } = await readAnswers(sources, params, options);
  if (names.classes !== undefined) warnOfEmpty(context, answers, names.classes);
  const length = rowLength(chosen.examples);
  const each = answers.length / layout.count;
  const writer = await DatasetWriter.create(outputDir, layout.shape);
  try {
    for await (const numbers of readRows(chosen.examples, options)) {
      const first = writer.count;
      const last = first + numbers.length / length;
      const examples =
        'shape' in layout.shape ? toFloat32(numbers, chosen.examples, first * length) : numbers;
      await writer.append(examples as Uint8Array | Float32Array, answers.subarray(first * each, last * each));
      emit({ type: 'progress', done: writer.count, total: layout.count, unit: 'examples' });
    }
    const { features } = params;
    return await writer.finish({
      ...names,
      ...(features && { features }),
      source: `arrays ${chosen.examples.name}`,
    });
  } finally {
    await writer.close();
  }
}

function warnOfEmpty({ emit }: Context, labels: Uint8Array | Float32Array, classes: readonly string[]): void {
  const found = new Set(labels);
  const empty = classes.filter((_, label) => !found.has(label));
  if (empty.length === 0) return;
  emit({ type: 'log', level: 'warning', text: `classes without an example: ${listed(empty)}` });
}

export default defineStage({
  name: 'load-arrays',
  version: 1,
  summary: 'Loads arrays of NumPy: images, or numbers of any shape, with classes or numbers to predict.',
  params: arraysParams,
  inputs: {},
  outputs: {
    dataset: {
      kind: 'dataset',
      description: 'Images, uint8 [count, H, W, C], or numbers, float32 [count, …].',
    },
  },
  check: arraysProblems,
  cacheKey: async (params, { digest, ...place }) => {
    const { paths, ...sources } = await openSources(params, place);
    await inspectLabels(sources, params);
    return (await Promise.all(paths.map(digest))).join();
  },
  outline: ({ classes, targets }) => ({
    outputs: {
      dataset: {
        classes: targets === undefined ? classes : [],
        ...(targets !== undefined && { targetNames: targets }),
      },
    },
  }),
  async run(context) {
    const sources = await openSources(context.params, context);
    const dataset = await write(context, sources);
    context.report(describeDataset(dataset));
    return { dataset };
  },
});
