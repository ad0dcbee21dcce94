import type { Environment, ExperimentRecord, TrialRecord } from '../../core/experiment.ts';
import { counted, formatBytes, formatTime } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { StoredExperiment } from '../../registry/index.ts';

/** Characters of a hash that identify it in practice. */
const SHORT = 12;

type Resume = NonNullable<ExperimentRecord['resumes']>[number];

type Row = readonly [name: string, value: string | null];

/** The origin and environment of an experiment, a row for each known item. */
export function provenanceRows({ record, dir }: StoredExperiment): (readonly string[])[] {
  const {
    pipeline,
    command,
    cwd,
    git,
    gitRefused,
    source,
    environment,
    seed,
    parent,
    reproduces,
    sweep,
    resumes = [],
  } = record;
  const rows: Row[] = [
    ['folder', dir],
    ['pipeline', pipeline.file],
    ['seed', String(seed)],
    ['command', command.join(' ')],
    ['in', cwd],
    ['parent', parent],
    ['reproduces', reproduces ?? null],
    ['trial', sweep === undefined ? null : trialWords(sweep)],
    ['resumed', resumes.map(resumeWords).join(', ') || null],
    ['git', git ? gitWords(git) : gitRefused === undefined ? null : `refused: ${gitRefused}`],
    ['source', source === undefined ? null : sourceWords(source)],
    [
      'lockfile',
      source?.lockfile === undefined ? null : hashed(source.lockfile.path, source.lockfile.sha256),
    ],
    ['data', dataWords(record)],
    ...environmentRows(environment),
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)]]));
}

const trialWords = ({ id, point, repeat }: TrialRecord): string => `${id}, point ${point}, repeat ${repeat}`;

/** `2026-11-24 12:19:30 with other code (source/resume-1) and another machine, versions or variables`. */
function resumeWords({ at, previous, git, source, environment }: Resume, index: number): string {
  const isKept = git?.patch !== undefined || source?.files.some(({ copy }) => copy !== undefined) === true;
  const others = [
    ...(git === undefined && source === undefined
      ? []
      : [`other code${isKept ? ` (source/resume-${index + 1})` : ''}`]),
    ...(environment === undefined ? [] : ['another machine, versions or variables']),
  ];
  // Other ends were visible as the status in `pipe list`.
  const taken =
    previous?.status === 'superseded' ? [`superseding process ${previous.pid} on ${previous.host}`] : [];
  return [formatTime(at), ...taken, ...(others.length > 0 ? [`with ${others.join(' and ')}`] : [])].join(' ');
}

function environmentRows(environment: ExperimentRecord['environment']): Row[] {
  const { cpu, memoryBytes, gpus, tensorflow, packages, pipe, variables = {}, withheld = [] } = environment;
  const shown = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    ['TensorFlow', tensorflow && `${tensorflow.version} ${tensorflow.kind}`],
    ['Node', environment.node],
    ['system', environment.os],
    ['CPU', `${cpu.cores} × ${cpu.model}${threadsOf(cpu)}, ${formatBytes(memoryBytes)} memory`],
    ['GPU', gpus.join(', ') || null],
    [
      'pipe',
      pipe?.commit == null ? null : `${pipe.version}, commit ${pipe.commit}${uncommitted(pipe.dirty)}`,
    ],
    ['packages', listOf(Object.entries(packages).map(([name, version]) => `${name} ${version}`))],
    ['variables', listOf(shown)],
    ['withheld', listOf(withheld)],
  ];
}

const listOf = (words: readonly string[]): string | null => words.join(', ') || null;

const hashed = (name: string, sha256: string): string => `${name} ${sha256.slice(0, SHORT)}`;

const uncommitted = (dirty: boolean): string => (dirty ? ', with uncommitted changes' : '');

/** `4f1c… (main), 12 changed files: source/changes.patch`. */
function gitWords(git: NonNullable<ExperimentRecord['git']>): string {
  const { commit, branch, dirty, changedFiles, patch, patchLeftOut } = git;
  const place = `${commit}${branch === null ? '' : ` (${branch})`}`;
  if (changedFiles === undefined) return `${place}${uncommitted(dirty)}`;
  const kept =
    patch !== undefined ? `: ${patch.path}` : patchLeftOut === undefined ? '' : `, no patch: ${patchLeftOut}`;
  return `${place}, ${counted(changedFiles, 'changed file')}${kept}`;
}

/** `5 files, 2 of them not in git: source/`. */
function sourceWords({ files }: NonNullable<ExperimentRecord['source']>): string {
  const copied = files.filter(({ copy }) => copy !== undefined).length;
  const lost = files.filter(({ leftOut }) => leftOut !== undefined);
  return [
    counted(files.length, 'file'),
    ...(copied === 0 ? [] : [`${copied} of them not in git: source/`]),
    ...lost.map(({ path, leftOut }) => `no copy of ${path}: ${leftOut}`),
  ].join(', ');
}

const dataWords = ({ stages }: ExperimentRecord): string | null =>
  listOf(stages.flatMap(({ data = [] }) => data.map(({ path, digest }) => hashed(path, digest))));

const threadsOf = ({ cores, threads = cores }: Environment['cpu']): string =>
  threads === cores ? '' : `, ${counted(threads, 'thread')}`;
