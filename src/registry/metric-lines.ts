import type { MetricEvent } from '../core/events.ts';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { decodeNumber, encodeNumber } from '../core/numbers.ts';
import { parseJson } from '../core/parse-json.ts';

/** One line of metrics.jsonl. */
export interface MetricPoint extends Omit<MetricEvent, 'type'> {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly stage: string;
}

/**
 * A point as its line, with the line's end.
 * @throws Failure when a user's stage measured something that is not a number.
 */
export function metricLine(stage: string, event: MetricEvent): string {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries<unknown>(event.values)) {
    if (typeof value !== 'number') throw notANumber(stage, name, value);
    values[name] = encodeNumber(value);
  }
  const { step, epoch } = event;
  const point = { time: new Date().toISOString(), stage, step, ...(epoch === undefined ? {} : { epoch }) };
  return `${JSON.stringify({ ...point, values })}\n`;
}

function notANumber(stage: string, name: string, value: unknown): Failure {
  return new Failure({
    code: 'metric-not-a-number',
    message: `stage "${printable(stage)}" measured ${printable(name)} as a ${typeof value}; a metric's value is a number`,
    hint: 'Emit { type: "metric", step, values: { name: number } }.',
  });
}

/** Reads lines back. A last line that was torn by a kill, and lines that are no points, are left out. */
export function parseMetricLines(text: string): MetricPoint[] {
  return text.split('\n').flatMap(line => {
    const point = line === '' ? undefined : parseMetricLine(line);
    return point === undefined ? [] : [point];
  });
}

/** The whole lines whose points satisfy this, as they are. A torn last line, and lines that are no points, are left out. */
export function filterMetricLines(text: string, keep: (point: MetricPoint) => boolean): string {
  return text
    .split('\n')
    .filter(line => {
      const point = line === '' ? undefined : parseMetricLine(line);
      return point !== undefined && keep(point);
    })
    .map(line => `${line}\n`)
    .join('');
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
