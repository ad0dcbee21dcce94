import { statSync } from 'node:fs';
import type { MetricEvent } from '../../core/events.ts';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { Appender } from './appender.ts';
import { replaceFile, type NewPath } from '../../storage/atomic.ts';
import type { Attempt } from './attempt.ts';
import { metricLine, pointsIn } from './metric-lines.ts';
import { MetricSummaries } from './metric-summary.ts';
import type { MetricPoint } from '../stored.ts';
import { metricsPath } from './paths.ts';
import { Ranges } from '../../storage/ranges.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { MetricDeclarations } from '../writing.ts';

/** metrics.jsonl of an experiment that is being written, and the summary of its points. */
export class Points {
  readonly #path: string;
  readonly #newPath: NewPath;
  readonly #file: Appender;
  readonly #declarations: Record<string, MetricDeclarations>;
  #summaries: MetricSummaries;
  #hasEnded = false;
  /** False while the file has points that are not summarized yet. */
  #isSummarized = true;

  /**
   * @param declarations By stage id; those of a stage come with its points, too.
   * @param known The summaries of what was measured before.
   */
  constructor(
    attempt: Attempt,
    declarations: Readonly<Record<string, MetricDeclarations>>,
    known: ExperimentRecord['metrics'],
  ) {
    this.#summaries = MetricSummaries.from(known);
    this.#path = metricsPath(attempt.dir);
    this.#newPath = attempt.newPath;
    this.#file = new Appender(this.#path, attempt);
    this.#declarations = { ...declarations };
  }

  toRecord(): ExperimentRecord['metrics'] {
    return this.#summaries.toRecord();
  }

  /** Appends a point, until `end`. True when the record is to say more of a metric than its numbers. */
  add(stage: string, event: MetricEvent, declarations: MetricDeclarations): boolean {
    if (this.#hasEnded) return false;
    this.#declarations[stage] = declarations;
    this.#file.append(metricLine(stage, event));
    return this.#summaries.add(stage, event, declarations, true);
  }

  /** Bytes of the file that the summaries are of, what waits in memory written; undefined where that is not known. */
  summarized(): number | undefined {
    this.#file.flush();
    return this.#isSummarized ? this.#file.size : undefined;
  }

  /** Appends the lines of a file as they are. */
  copy(stage: string, path: string, declarations: MetricDeclarations): void {
    this.#declarations[stage] = declarations;
    this.#append(path, wholeFile(path));
    for (const { point } of pointsIn(path)) this.#summaries.add(stage, point, declarations, true);
  }

  /** Appends lines of a file that `keep` will summarize, and waits until the disk has them. */
  takeOver(path: string, lines: Ranges): void {
    this.#isSummarized = false;
    this.#append(path, lines);
  }

  #append(path: string, lines: Ranges): void {
    if (lines.bytes > 0)
      this.#file.appendWith(target => {
        lines.copy(path, target);
      });
  }

  /** Makes what was measured before the attempt's own file: all but a last line that was torn by a kill. */
  renew(): void {
    this.#keep(() => true, { always: true });
  }

  /** Keeps some of the points, and summarizes them anew. */
  keep(isKept: (point: MetricPoint) => boolean, declared?: Record<string, MetricDeclarations>): void {
    this.#keep(isKept, { always: false, ...(declared && { declared }) });
  }

  /** Keeps those points of a stage whose steps satisfy this; returns how many they are. */
  keepSteps(stage: string, keep: (step: number) => boolean, declarations: MetricDeclarations): number {
    let kept = 0;
    const isKept = (step: number) => {
      const stays = keep(step);
      if (stays) kept++;
      return stays;
    };
    this.keep(point => point.stage !== stage || isKept(point.step), { [stage]: declarations });
    return kept;
  }

  #keep(
    isKept: (point: MetricPoint) => boolean,
    {
      always,
      declared,
    }: { readonly always: boolean; readonly declared?: Record<string, MetricDeclarations> },
  ): void {
    Object.assign(this.#declarations, declared);
    this.#file.flush();
    const kept = new Ranges();
    this.#summaries = new MetricSummaries(this.#summaries);
    const bytes = onStorage('read', this.#path, () => {
      for (const { point, start, end } of pointsIn(this.#path)) {
        if (!isKept(point)) continue;
        kept.add(start, end);
        // Those of another experiment count as measured: how, only its record says.
        this.#summaries.add(point.stage, point, this.#declarations[point.stage] ?? {}, !this.#isSummarized);
      }
      return statSync(this.#path).size;
    });
    if (kept.bytes !== bytes || always)
      replaceFile(this.#path, target => kept.copy(this.#path, target), this.#newPath);
    this.#isSummarized = true;
    this.flush();
  }

  /** Returns when the points so far are on disk. */
  flush(): void {
    this.#file.flush(true);
  }

  /** The same, and leaves out what a stage that would not stop measures from now on: the file stays as it is. */
  end(): void {
    this.flush();
    this.#hasEnded = true;
  }
}

function wholeFile(path: string): Ranges {
  const lines = new Ranges();
  lines.add(0, statSync(path).size);
  return lines;
}
