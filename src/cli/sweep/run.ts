/** Begins a sweep, or goes on with one, and drives it to its end. */
import { Failure } from '../../core/failure.ts';
import { counted } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import { invalidPipeline } from '../../config/problems.ts';
import { computeThreads } from '../../host/processors.ts';
import { expandHome } from '../../host/home.ts';
import type { Registry, SweepWriter } from '../../registry/index.ts';
import { onStopSignals } from '../../run/execute/cancel.ts';
import { beginningOf, checkUnchanged, isComplete } from '../../sweep/begin.ts';
import { repeatsOf, type SweepDefinition } from '../../sweep/definition.ts';
import { SweepDriver, type DriveEnd } from '../../sweep/drive.ts';
import { readSweepFile, type SweepDraft } from '../../sweep/read-file.ts';
import { samplePoints } from '../../sweep/sample-points.ts';
import { openSweep, type OpenedSweep } from '../../sweep/stored.ts';
import { faultOf } from '../../sweep/report.ts';
import { startTrial } from '../../sweep/trial-process.ts';
import { gridSize } from '../../search/grid.ts';
import type { Io } from '../io.ts';
import { colorsFor, columnsOf } from '../terminal.ts';
import { withRegistry } from '../hints.ts';
import { showSweep, sweepJson } from './show.ts';
import { openSweepDisplay } from './watch.ts';

export interface SweepOptions {
  readonly workers?: number;
  readonly new?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
}

/** `pipe sweep <file>`. */
export async function runSweep(
  file: string,
  options: SweepOptions,
  registry: Registry,
  io: Io,
): Promise<number> {
  const { draft, text } = await readDraft(file, io.cwd, options, io);
  const beginning = options.new === true ? ({ kind: 'new' } as const) : beginningOf(registry, draft);
  if (options.dryRun === true) {
    io.stdout.write(describe(draft, beginning.kind));
    return 0;
  }
  if (beginning.kind === 'complete')
    return tellComplete(beginning.sweep, '--new begins another', options, io);
  if (beginning.kind === 'resume') return resume(beginning.sweep, draft, options, registry, io);
  const definition = { ...draft, createdAt: new Date().toISOString() };
  const writer = await registry.sweeps.create({ text, definition });
  return drive(writer, draft, options, registry, io);
}

/** `pipe sweep resume sweep-1`. */
export async function resumeSweep(
  id: string,
  options: SweepOptions,
  registry: Registry,
  io: Io,
): Promise<number> {
  const sweep = openSweep(registry, id);
  const { cwd, file } = sweep.definition;
  const { draft } = await readDraft(file, cwd, { ...options, yes: true }, io);
  checkUnchanged(sweep, draft);
  if (isComplete(sweep, draft))
    return tellComplete(sweep, `a larger budget in ${file} lets it go on`, options, io);
  return resume(sweep, draft, options, registry, io);
}

function tellComplete(sweep: OpenedSweep, how: string, options: SweepOptions, io: Io): number {
  io.stderr.write(withRegistry(`nothing is left to do: ${sweep.definition.id} is complete; ${how}\n`, io));
  tell(sweep, options, io);
  return 0;
}

async function resume(
  sweep: OpenedSweep,
  draft: SweepDraft,
  options: SweepOptions,
  registry: Registry,
  io: Io,
): Promise<number> {
  const writer = await registry.sweeps.takeOver(sweep.definition.id, options.force);
  return drive(writer, draft, options, registry, io);
}

async function readDraft(
  file: string,
  cwd: string,
  { yes = false }: SweepOptions,
  { env }: Io,
): Promise<{ readonly draft: SweepDraft; readonly text: string }> {
  process.setSourceMapsEnabled(true);
  const read = await readSweepFile(expandHome(file, env), { cwd, env, large: yes });
  if (!read.ok) throw invalidPipeline(file, read.problems);
  return read;
}

async function drive(
  writer: SweepWriter,
  { budget, retries, workers: usual }: SweepDraft,
  options: SweepOptions,
  registry: Registry,
  io: Io,
): Promise<number> {
  const { id } = writer;
  const { workers = usual } = options;
  // Read only now: another process may have driven it until this one took it over.
  const { definition, state } = openSweep(registry, id);
  const display = openSweepDisplay(state, io);
  const threads = Math.max(1, Math.floor(computeThreads(io.env) / workers));
  const driver = new SweepDriver(state, {
    workers,
    threads,
    budget,
    retries,
    registry,
    writer,
    observe: display.observe,
    start: (start, point, observe) =>
      startTrial(start, point, {
        definition,
        registry: registry.dir,
        env: trialEnv(io, workers, threads),
        observe,
      }),
  });
  let stops = 0;
  const endSignals = onStopSignals(() => {
    stops++;
    if (stops === 1) display.note('stopping at the next checkpoints… press Ctrl-C again to stop at once');
    driver.stop();
  }, io.env);
  const leave = () => {
    display.close();
    endSignals();
    writer.release();
  };
  try {
    const end = await driver.drive();
    leave();
    return conclude(end, id, options, registry, io);
  } catch (error) {
    leave();
    throw error instanceof Failure && error.code !== 'superseded' ? resumable(error, definition) : error;
  }
}

/** With several trials at a time, each gets its share of the processors. */
function trialEnv({ env }: Io, workers: number, threads: number): NodeJS.ProcessEnv {
  if (workers === 1) return env;
  return { ...env, TF_NUM_INTRAOP_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
}

const resumable = (failure: Failure, { id, file }: SweepDefinition): Failure =>
  new Failure({
    code: failure.code,
    exitCode: failure.exitCode,
    message: `${id} stopped: ${failure.message}`,
    details: failure.details,
    hint:
      failure.code === 'folder-removed'
        ? `pipe sweep ${file} goes on; leave the folders of a running sweep in place`
        : `${failure.hint === undefined ? '' : `${failure.hint}; then `}pipe sweep resume ${id}`,
    problems: failure.problems,
  });

function conclude(end: DriveEnd, id: string, options: SweepOptions, registry: Registry, io: Io): number {
  const sweep = openSweep(registry, id);
  if (end.kind === 'stopped') {
    io.stderr.write(withRegistry(`${id} is stopped; to go on: pipe sweep resume ${id}\n`, io));
    return 130;
  }
  tell(sweep, options, io);
  const fault = faultOf(sweep);
  if (fault === undefined) return 0;
  io.stderr.write(`${printable(fault)}\n`);
  return 1;
}

function tell(sweep: OpenedSweep, { json }: SweepOptions, io: Io): void {
  const text =
    json === true ? sweepJson(sweep) : showSweep(sweep, colorsFor(io.stdout, io.env), columnsOf(io.stdout));
  io.stdout.write(text);
}

/** What would be done. */
function describe(draft: SweepDraft, kind: 'new' | 'resume' | 'complete'): string {
  const size = draft.method === 'list' ? (draft.points?.length ?? 0) : gridSize(draft.space);
  const { runs, hours } = draft.budget;
  const points = size === Infinity ? 'points without end' : counted(size, 'point');
  const most = [
    ...(runs === undefined ? [] : [`at most ${runs} runs`]),
    ...(hours === undefined ? [] : [`at most ${hours} hours`]),
  ];
  const first =
    draft.method === 'grid' && size < 10 ? samplePoints(draft.space) : (draft.points ?? []).slice(0, 10);
  return [
    `${draft.name}: ${draft.method} over ${points}, ${counted(repeatsOf(draft), 'run')} each${most.map(each => `, ${each}`).join('')}`,
    `objective: ${draft.objective.stage}.${draft.objective.metric}, ${draft.objective.direction}, ${draft.objective.at} value of a run`,
    ...first.map((point, index) => `  ${index + 1}  ${JSON.stringify(point)}`),
    kind === 'new'
      ? 'it would begin'
      : kind === 'resume'
        ? 'it would go on with what was begun'
        : 'it is complete',
    '',
  ].join('\n');
}
