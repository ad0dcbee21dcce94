import type { StageRecord } from '../../core/experiment.ts';
import { formatDuration } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';

/** Progress of a stage that did not complete: `120/1000 iterations`; undefined for others. */
export function progressWords({ status, progress }: StageRecord): string | undefined {
  if (progress === undefined || ['ran', 'reused', 'skipped'].includes(status)) return undefined;
  const total = progress.total === null ? '' : `/${progress.total}`;
  return `${progress.done}${total} ${progress.unit}`;
}

/** A stage's state in words; undefined for one that has not begun. */
export function stageLine(stage: StageRecord): string | undefined {
  const { status, ms, report, reason } = stage;
  if (status === 'pending') return undefined;
  const duration = ms === null ? [] : [formatDuration(ms)];
  const words = [status, ...duration, progressWords(stage), report, reason];
  return printable(words.filter(each => each !== undefined && each !== null).join(', '));
}
