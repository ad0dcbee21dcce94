/** `pipe compare --plot`: the metrics of experiments as a picture in a file of the user's. */
import { closeSync, lstatSync, readSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { drawMetrics, isPicture, MOST_EXPERIMENTS, PICTURE_START } from '../../plots/draw.ts';
import type { Registry, StoredExperiment } from '../../registry/index.ts';
import { replaceFile } from '../../storage/atomic.ts';
import { openRegularFile } from '../../storage/read-file.ts';
import { unique } from '../../storage/staging.ts';
import type { Io } from '../io.ts';

interface Request {
  /** As given; true for a name by the experiments. */
  readonly plot: string | true;
  readonly json?: boolean;
}

/**
 * Writes the picture and prints its path. A previous picture is replaced, and no other file.
 * @throws Failure, exit code 2, for another file in its place, and where there is nothing to draw.
 */
export async function plotExperiments(
  named: readonly StoredExperiment[],
  registry: Registry,
  { plot, json }: Request,
  io: Io,
): Promise<void> {
  const experiments = [...new Map(named.map(each => [each.id, each])).values()];
  if (experiments.length > MOST_EXPERIMENTS) throw tooMany(experiments.length);
  const path = resolve(io.cwd, plot === true ? defaultName(experiments) : plot);
  const isReplaced = checkPlace(path, plot, experiments);
  const svg = await drawMetrics(experiments.map(each => ({ ...each, points: registry.allPoints(each.id) })));
  if (svg === undefined) throw nothingToDraw(experiments);
  replaceFile(path, svg, () => `${path}.${unique()}`);
  const shown = printable(relative(io.cwd, path));
  if (isReplaced) io.stderr.write(`${shown} replaces the picture that was there\n`);
  for (const { id, record } of experiments)
    if (Object.keys(record.metrics).length === 0) io.stderr.write(`${id} has no metrics.\n`);
  const ids = experiments.map(({ id }) => id);
  io.stdout.write(json === true ? `${JSON.stringify({ path, experiments: ids })}\n` : `${shown}\n`);
}

function defaultName(experiments: readonly StoredExperiment[]): string {
  const ids = experiments.map(({ id }) => id).join('-');
  return experiments.length === 1 ? `${ids}-metrics.svg` : `compare-${ids}.svg`;
}

/** True where a previous picture is in the place. @throws Failure for anything else, and where the place is none. */
function checkPlace(path: string, plot: string | true, experiments: readonly StoredExperiment[]): boolean {
  if (!/\.svg$/i.test(path)) throw notSvg(String(plot), experiments);
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw noFolder(dirname(path));
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isFile() || !isPicture(beginningOf(path))) throw occupied(path);
  return true;
}

function beginningOf(path: string): string {
  const { file } = openRegularFile(path);
  try {
    const beginning = Buffer.alloc(PICTURE_START.length);
    return beginning.toString('utf8', 0, readSync(file, beginning));
  } finally {
    closeSync(file);
  }
}

const mistake = (message: string, hint: string): Failure =>
  new Failure({ code: 'cannot-plot', exitCode: 2, message, hint });

const tooMany = (count: number): Failure =>
  mistake(
    `${count} experiments are too many for one picture: lines of at most ${MOST_EXPERIMENTS} are told apart`,
    'Compare fewer of them; without --plot any number goes into one table.',
  );

const notSvg = (plot: string, experiments: readonly StoredExperiment[]): Failure =>
  mistake(
    `--plot ${printable(plot)}: the name of the picture ends in .svg`,
    `To draw that experiment as well, name it first: pipe compare ${experiments.map(({ id }) => id).join(' ')} ${printable(plot)} --plot`,
  );

const noFolder = (folder: string): Failure =>
  mistake(
    `there is no folder ${printable(folder)} for the picture`,
    `mkdir -p ${printable(folder)} makes it`,
  );

const occupied = (path: string): Failure =>
  mistake(
    `${printable(path)} is there already, and is no picture that pipe has drawn`,
    'Name another file: --plot curves.svg',
  );

function nothingToDraw(experiments: readonly StoredExperiment[]): Failure {
  const ids = experiments.map(({ id }) => id);
  const one = ids.length === 1 ? `${ids.join()} has` : `${ids.join(', ')} have`;
  return mistake(`${one} no metrics to draw`, `pipe show ${ids[0] ?? ''} shows what there is`);
}
