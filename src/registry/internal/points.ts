import { statSync } from 'node:fs';
import { wrongEvent } from '../../core/check-event.ts';
import type { MetricEvent } from '../../core/events.ts';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { printable } from '../../core/printable.ts';
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

/** metrics.jsonl of an experiment that is being written, and the summaries of its points. */
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
   * @param declarations By stage id; a stage's also come with its points.
   * @param known The summaries of earlier points.
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

  /**
   * Appends a point, until `end`. Returns true when the record changes beyond numbers.
   * @throws Failure where a metric of the stage has had another protocol.
   */
  add(stage: string, event: MetricEvent, declarations: MetricDeclarations): boolean {
    if (this.#hasEnded) return false;
    this.#checkProtocol(stage, event);
    this.#declarations[stage] = declarations;
    this.#file.append(metricLine(stage, event));
    return this.#summaries.add(stage, event, declarations, true);
  }

  /** @throws Failure for a metric with two protocols: one summary could not say how its values were measured. */
  #checkProtocol(stage: string, event: MetricEvent): void {
    const conflict = this.#summaries.protocolConflict(stage, event);
    if (conflict === undefined) return;
    const [given, before] = [event.protocol, conflict.protocol];
    const words = `protocol is ${quoted(given) ?? 'missing'}; expected ${quoted(before) ?? 'none'}`;
    throw wrongEvent(stage, `metric event: ${words}, as before for ${printable(conflict.metric)}`);
  }

  /** Writes waiting points; returns the bytes of the file that the summaries cover, undefined where unknown. */
  summarized(): number | undefined {
    this.#file.flush();
    return this.#isSummarized ? this.#file.size : undefined;
  }

  /** Appends all points of a file. */
  copy(stage: string, path: string, declarations: MetricDeclarations): void {
    this.#declarations[stage] = declarations;
    this.#append(path, wholeFile(path));
    for (const { point } of pointsIn(path)) this.#summaries.add(stage, point, declarations, true);
  }

  /** Appends lines of a file, which `keep` summarizes later, and waits until they are on disk. */
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

  /** Replaces the file by a copy that this attempt owns, without a last line torn by a kill. */
  renew(): void {
    this.#keep(() => true, { always: true });
  }

  /** Keeps some of the points and summarizes them again. */
  keep(isKept: (point: MetricPoint) => boolean, declared?: Record<string, MetricDeclarations>): void {
    this.#keep(isKept, { always: false, ...(declared && { declared }) });
  }

  /** Keeps the points of a stage whose steps satisfy the condition; returns their number. */
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
        // Points of another experiment count as measured: the order of their steps is only in its record.
        this.#summaries.add(point.stage, point, this.#declarations[point.stage] ?? {}, !this.#isSummarized);
      }
      return statSync(this.#path).size;
    });
    if (kept.bytes !== bytes || always)
      replaceFile(this.#path, target => kept.copy(this.#path, target), this.#newPath);
    this.#isSummarized = true;
    this.flush();
  }

  /** Waits until the points so far are on disk. */
  flush(): void {
    this.#file.flush(true);
  }

  /** The same, and ignores further points of a stage that does not stop: the file is final. */
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

/** In full: protocols may differ at their ends. */
const quoted = (protocol: string | undefined): string | undefined =>
  protocol === undefined ? undefined : printable(JSON.stringify(protocol));
