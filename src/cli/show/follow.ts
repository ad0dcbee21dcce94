/** `pipe show --follow`: the updates of an experiment until it ends. */
import { firstLine, counted, formatDuration, formatEstimate } from '../../core/format.ts';
import { intervalOf } from '../../core/interval.ts';
import { jsonLine } from '../../core/json-text.ts';
import { printable } from '../../core/printable.ts';
import type { Followed, MetricPoint, Registry, StoredExperiment } from '../../registry/index.ts';
import { withRegistry } from '../hints.ts';
import type { Io } from '../io.ts';
import { paintStatus } from '../list/render.ts';
import { colorsFor, type Colors } from '../terminal.ts';
import { stageLine } from './stage-line.ts';

/** Follows an experiment to its end. Returns the exit code: 0 when it finished, else 1. Ctrl-C ends the process. */
export async function followExperiment(
  io: Io,
  registry: Registry,
  id: string,
  isJson: boolean,
): Promise<number> {
  const text = new FollowedText(io);
  let last: StoredExperiment | undefined;
  for await (const news of registry.follow(id)) {
    if (news.kind === 'record') last = news.experiment;
    for (const line of isJson ? [jsonLine(forScripts(news))] : text.lines(news)) io.stdout.write(`${line}\n`);
  }
  if (!isJson) for (const line of text.rest()) io.stdout.write(`${line}\n`);
  return last?.status === 'finished' ? 0 : 1;
}

function forScripts(news: Followed): object {
  if (news.kind !== 'record') return news;
  const { record, status, dir } = news.experiment;
  return { kind: 'record', ...record, status, dir };
}

/** Updates as text: each stage when its state changes, the newest of the points, and the log line by line. */
class FollowedText {
  readonly #io: Io;
  readonly #colors: Colors;
  /** By stage: the line last shown, and the start of an incomplete log line. */
  readonly #stages = new Map<string, string>();
  readonly #begun = new Map<string, string>();
  #status: StoredExperiment['status'] | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#colors = colorsFor(io.stdout, io.env);
  }

  lines(news: Followed): readonly string[] {
    switch (news.kind) {
      case 'record':
        return this.#recordLines(news.experiment);
      case 'points':
        return newestOfEach(news.points).map(([point, count]) => this.#pointLine(point, count));
      case 'log':
        return this.#logLines(news);
    }
  }

  #recordLines(experiment: StoredExperiment): readonly string[] {
    const { id, record, status } = experiment;
    const changed = record.stages.flatMap(stage => {
      const line = stageLine(stage);
      if (line === undefined || this.#stages.get(stage.id) === line) return [];
      this.#stages.set(stage.id, line);
      return [`${this.#colors.bold(printable(stage.id))}  ${line}`];
    });
    const isNew = this.#status !== status;
    this.#status = status;
    const heading = `${this.#colors.bold(id)}  ${printable(record.pipeline.name)}  ${paintStatus(status, this.#colors)}`;
    if (!isNew) return changed;
    if (status === 'running') return [heading, ...changed];
    return [...this.rest(), ...changed, heading + this.#endWords(experiment)];
  }

  #endWords({ id, record: { ms, failure }, status }: StoredExperiment): string {
    const time = ms === null ? '' : ` after ${formatDuration(ms)}`;
    const why = failure === null ? '' : `: ${printable(firstLine(failure.message))}`;
    const next = status === 'finished' ? '' : `\n  → ${withRegistry(`pipe show ${id}`, this.#io)}`;
    return `${time}${why}${next}`;
  }

  #pointLine({ stage, step, values, intervals, protocol }: MetricPoint, count: number): string {
    const numbers = Object.entries(values).map(
      ([name, value]) => `${printable(name)} ${formatEstimate(value, intervalOf(intervals, name))}`,
    );
    const how = protocol === undefined ? '' : this.#colors.dim(`  measured as ${printable(protocol)}`);
    const others = count === 1 ? '' : this.#colors.dim(`  (${counted(count, 'point')})`);
    return `${this.#colors.bold(printable(stage))}  step ${step}  ${numbers.join('  ')}${how}${others}`;
  }

  /** Complete lines; the rest waits for its line end. */
  #logLines({ stage, text, isRewritten }: Extract<Followed, { readonly kind: 'log' }>): readonly string[] {
    const begun = isRewritten ? '' : (this.#begun.get(stage) ?? '');
    const lines = `${begun}${text}`.split('\n');
    this.#begun.set(stage, lines.pop() ?? '');
    return lines.map(line => this.#logLine(stage, line));
  }

  /** Incomplete last lines of logs. */
  rest(): readonly string[] {
    const begun = [...this.#begun].filter(([, text]) => text !== '');
    this.#begun.clear();
    return begun.map(([stage, text]) => this.#logLine(stage, text));
  }

  #logLine(stage: string, text: string): string {
    return `${this.#colors.dim(`${printable(stage)} |`)} ${printable(text)}`;
  }
}

/** The last point of each stage, and the number of its points. */
function newestOfEach(points: readonly MetricPoint[]): readonly (readonly [MetricPoint, number])[] {
  const newest = new Map<string, readonly [MetricPoint, number]>();
  for (const point of points) {
    const [, count] = newest.get(point.stage) ?? [point, 0];
    newest.set(point.stage, [point, count + 1]);
  }
  return [...newest.values()];
}
