import { posix } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import {
  counted,
  formatBytes,
  formatDuration,
  formatEstimate,
  formatNumber,
  formatTime,
  MISSING,
} from '../../core/format.ts';
import { bestOf, isMeasuredHere } from '../../core/metric-best.ts';
import { printable } from '../../core/printable.ts';
import type { StoredExperiment } from '../../registry/index.ts';
import { alignColumns, type Align, type Line } from '../../core/align-columns.ts';
import { protocolLegend, protocolMarks } from '../../core/protocol.ts';
import { durationOf } from '../list/entry.ts';
import { paintStatus } from '../list/render.ts';
import { progressWords } from './stage-line.ts';
import { provenanceRows } from './provenance.ts';
import type { Colors } from '../terminal.ts';

/** Most characters of a parameter, which may be a whole network. */
const LONGEST_VALUE = 100;

/** Most files of a folder to list; with more, the folder is shown. */
const MOST_FILES = 10;

/** A published file. */
export interface ShownArtifact {
  readonly path: string;
  readonly bytes: number;
}

type Cells = readonly string[];

interface Shown {
  /** Stages' outputs: name, kind, content. */
  readonly outputs: readonly Cells[];
  readonly artifacts: readonly ShownArtifact[];
  readonly tags: readonly string[];
  /** A command with the options to type. */
  readonly command: (text: string) => string;
}

/** An experiment in sections, for people. */
export function renderExperiment(
  experiment: StoredExperiment,
  { outputs, artifacts, tags, command }: Shown,
  colors: Colors,
): string {
  const { record, mended = [] } = experiment;
  const section = (title: string, rows: readonly Line[], aligns?: readonly Align[]) =>
    rows.length === 0 ? [] : [`${colors.bold(title)}\n${indent(alignColumns(rows, aligns))}`];
  return [
    heading(experiment, { tags, command }, colors),
    ...failureSection(record, colors),
    ...section(
      'Recorded in a way that cannot be read',
      mended.map(words => [printable(words)]),
    ),
    ...section('Stages', stageRows(record), ['left', 'left', 'left', 'right']),
    ...section('Metrics', metricRows(record, colors), [
      'left',
      'right',
      'right',
      'left',
      'right',
      'right',
      'right',
    ]),
    ...section('Outputs', outputs),
    ...section('Artifacts', artifactRows(artifacts), ['left', 'right']),
    ...section('Parameters', parameterRows(record)),
    ...section('Provenance', provenanceRows(experiment)),
  ].join('\n');
}

const indent = (text: string) => text.replace(/^(?=.)/gm, '  ');

function heading(
  experiment: StoredExperiment,
  { tags, command }: Pick<Shown, 'tags' | 'command'>,
  colors: Colors,
): string {
  const { id, record, status } = experiment;
  const duration = durationOf({ status, createdAt: record.createdAt, ms: record.ms });
  const times = [
    `started ${printable(formatTime(record.createdAt))}`,
    ...(duration === undefined
      ? []
      : [`${status === 'running' ? 'for' : 'took'} ${formatDuration(duration)}`]),
  ];
  const first = `${colors.bold(id)}  ${printable(record.pipeline.name)}  ${paintStatus(status, colors)}`;
  const named = tags.length === 0 ? '' : `  tagged ${tags.join(', ')}`;
  return `${first}${named}\n${[...times, ...statusWords(experiment, command)].join(', ')}\n`;
}

function statusWords({ id, record, status }: StoredExperiment, command: Shown['command']): string[] {
  const { pid, host } = record.process;
  const resumeHint = `to continue: ${command(`pipe resume ${id}`)}`;
  switch (status) {
    case 'running':
      return [`process ${pid} on ${printable(host)}`];
    case 'crashed':
      return [`its process ${pid} is gone`, resumeHint];
    case 'interrupted':
      return [resumeHint];
    case 'failed':
    case 'finished':
      return [];
  }
}

function failureSection({ failure }: ExperimentRecord, colors: Colors): string[] {
  if (failure === null) return [];
  const where = failure.stage === null ? '' : ` in ${printable(failure.stage)}`;
  const lines = failure.message.split('\n').map(line => `  ${printable(line)}\n`);
  const hint = failure.hint === null ? '' : `  → ${printable(failure.hint)}\n`;
  return [`${colors.bold(colors.red(`Failed${where}`))}\n${lines.join('')}${hint}`];
}

function stageRows({ stages }: ExperimentRecord): Cells[] {
  return stages.map(stage => {
    const { id, use, status, ms, report, reason } = stage;
    const words = [progressWords(stage) ?? null, report, reason].filter(each => each !== null).join(', ');
    return [id, use === id ? '' : use, status, ms === null ? MISSING : formatDuration(ms), words].map(
      printable,
    );
  });
}

/** A row per metric, its protocol as a mark that the lines below explain. */
function metricRows(record: ExperimentRecord, colors: Colors): Line[] {
  const summaries = Object.values(record.metrics);
  const marks = protocolMarks(summaries.map(({ protocol }) => protocol));
  const rows = Object.entries(record.metrics).map(([name, summary]) => {
    const { last, interval, min, max, tailMean, step, unit, protocol } = summary;
    const best = bestOf(summary, summary.direction);
    const mark = protocol === undefined ? '' : ` ${marks.get(protocol) ?? ''}`;
    return [
      printable(`${name}${unit === null ? '' : ` [${unit}]`}${mark}`),
      formatEstimate(last, interval),
      best === undefined ? MISSING : formatNumber(best.value),
      best?.step === undefined ? '' : `at ${best.step}`,
      ...[min, max, tailMean].map(formatNumber),
      `step ${step}${isMeasuredHere(summary, record) ? '' : ', measured by an earlier run'}`,
    ];
  });
  const head = ['', 'last', 'best', '', 'min', 'max', 'tail mean'].map(colors.dim);
  const legend = [
    ...(summaries.some(({ interval }) => interval) ? ['± or (low–high): 95 % interval'] : []),
    ...protocolLegend(marks).map(printable),
  ];
  return rows.length === 0 ? [] : [head, ...rows, ...legend.map(colors.dim)];
}

function artifactRows(artifacts: readonly ShownArtifact[]): Cells[] {
  const folders = new Map<string, ShownArtifact[]>();
  for (const artifact of artifacts) {
    const folder = posix.dirname(artifact.path);
    const files = folders.get(folder) ?? [];
    folders.set(folder, files);
    files.push(artifact);
  }
  return [...folders].flatMap(([folder, files]) => {
    if (files.length <= MOST_FILES)
      return files.map(({ path, bytes }) => [printable(path), formatBytes(bytes)]);
    const bytes = files.reduce((total, file) => total + file.bytes, 0);
    return [[printable(`${folder}/`), formatBytes(bytes), counted(files.length, 'file')]];
  });
}

function parameterRows({ parameters }: ExperimentRecord): Cells[] {
  return Object.entries(parameters).map(([name, value]) => {
    const text = printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
    return [printable(name), text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text];
  });
}
