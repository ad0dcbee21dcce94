import type { MetricEvent } from '../../core/events.ts';
import { isInterval } from '../../core/interval.ts';
import { decodeNumber, encodeNumber } from '../../core/numbers.ts';
import { parseJson } from '../../core/parse-json.ts';
import { isProtocol } from '../../core/protocol.ts';
import { linesOf, type LineOptions } from '../../storage/lines.ts';
import { metricsPath } from './paths.ts';
import { Ranges } from '../../storage/ranges.ts';
import type { MetricPoint, StoredPoint } from '../stored.ts';

/** A point as a line, line end included. */
export function metricLine(stage: string, event: MetricEvent): string {
  const values = Object.entries(event.values).map(([name, value]) => [name, encodeNumber(value)] as const);
  const { step, epoch, protocol, intervals } = event;
  const point = { time: new Date().toISOString(), stage, step, ...(epoch === undefined ? {} : { epoch }) };
  return `${JSON.stringify({ ...point, values: Object.fromEntries(values), protocol, intervals })}\n`;
}

/** The points of a file of any size, in order. A last line torn by a kill and lines that are not points are left out. */
export function* pointsIn(path: string, options?: LineOptions): Generator<StoredPoint> {
  for (const { text, ...place } of linesOf(path, options)) {
    const point = parseMetricLine(text);
    if (point !== undefined) yield { point, ...place };
  }
}

/** The points of one stage. */
export function* pointsOfStage(dir: string, stage: string): Generator<StoredPoint> {
  const mark = markOf(stage);
  for (const { text, ...place } of linesOf(metricsPath(dir))) {
    const point = text.includes(mark) ? parseMetricLine(text) : undefined;
    if (point?.stage === stage) yield { point, ...place };
  }
}

/** Where the lines of one stage are in an experiment's metrics.jsonl. */
export function linesOfStage(dir: string, stage: string): Ranges {
  const ranges = new Ranges();
  const mark = markOf(stage);
  for (const { text, start, end } of linesOf(metricsPath(dir)))
    if (text.includes(mark)) ranges.add(start, end);
  return ranges;
}

/** Text in each line of a stage, as `metricLine` writes it: lines without it need no parsing. */
const markOf = (stage: string): string => `"stage":${JSON.stringify(stage)},`;

/** A point from its line; undefined for any other line. */
export function parseMetricLine(line: string): MetricPoint | undefined {
  const parsed = parseJson(line);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { time, stage, step, epoch, values, protocol, intervals } = parsed as Record<string, unknown>;
  if (typeof time !== 'string' || typeof stage !== 'string' || typeof step !== 'number') return undefined;
  if (typeof values !== 'object' || values === null) return undefined;
  const numbers = Object.entries(values).flatMap(([name, value]) => {
    const number = decodeNumber(value);
    return number === undefined ? [] : [[name, number] as const];
  });
  const point = { time, stage, step, values: Object.fromEntries(numbers) };
  const measured = { ...(isProtocol(protocol) && { protocol }), ...intervalsOf(intervals, point.values) };
  return { ...point, ...(typeof epoch === 'number' && { epoch }), ...measured };
}

/** The valid intervals of values, by the writer's rule. */
function intervalsOf(given: unknown, values: MetricEvent['values']): Pick<MetricEvent, 'intervals'> {
  if (typeof given !== 'object' || given === null) return {};
  const valid = Object.entries(given as Record<string, unknown>).flatMap(([name, value]) =>
    isInterval(value) && Object.hasOwn(values, name) ? [[name, value] as const] : [],
  );
  return valid.length === 0 ? {} : { intervals: Object.fromEntries(valid) };
}
