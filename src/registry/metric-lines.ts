import type { MetricEvent } from '../core/events.ts';
import { decodeNumber, encodeNumber } from '../core/numbers.ts';
import { parseJson } from '../core/parse-json.ts';
import { visitLines, type LineVisitor } from './lines.ts';
import { metricsPath } from './paths.ts';

/** One line of metrics.jsonl. */
export interface MetricPoint extends Omit<MetricEvent, 'type'> {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly stage: string;
}

/** A point as its line, with the line's end. */
export function metricLine(stage: string, event: MetricEvent): string {
  const values = Object.entries(event.values).map(([name, value]) => [name, encodeNumber(value)] as const);
  const { step, epoch } = event;
  const point = { time: new Date().toISOString(), stage, step, ...(epoch === undefined ? {} : { epoch }) };
  return `${JSON.stringify({ ...point, values: Object.fromEntries(values) })}\n`;
}

/** Reads lines back. A last line that was torn by a kill, and lines that are no points, are left out. */
export function parseMetricLines(text: string): MetricPoint[] {
  return text.split('\n').flatMap(line => {
    const point = line === '' ? undefined : parseMetricLine(line);
    return point === undefined ? [] : [point];
  });
}

/** The same for a file of any size, point by point, each with its line and the bytes of the file that this is. */
export function visitPoints(
  path: string,
  visit: (point: MetricPoint, ...line: Parameters<LineVisitor>) => void,
): void {
  visitLines(path, (text, start, end) => {
    const point = parseMetricLine(text);
    if (point !== undefined) visit(point, text, start, end);
  });
}

/** A stage's lines of an experiment's metrics.jsonl, as they are. */
export function linesOf(dir: string, stage: string): string {
  const lines: string[] = [];
  const mark = `"stage":${JSON.stringify(stage)},`;
  visitLines(metricsPath(dir), text => {
    if (text.includes(mark)) lines.push(`${text}\n`);
  });
  return lines.join('');
}

function parseMetricLine(line: string): MetricPoint | undefined {
  const parsed = parseJson(line);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { time, stage, step, epoch, values } = parsed as Record<string, unknown>;
  if (typeof time !== 'string' || typeof stage !== 'string' || typeof step !== 'number') return undefined;
  if (typeof values !== 'object' || values === null) return undefined;
  const numbers = Object.entries(values).flatMap(([name, value]) => {
    const number = decodeNumber(value);
    return number === undefined ? [] : [[name, number] as const];
  });
  const point = { time, stage, step, values: Object.fromEntries(numbers) };
  return typeof epoch === 'number' ? { ...point, epoch } : point;
}
