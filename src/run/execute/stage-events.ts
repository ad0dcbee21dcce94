import { checkedEvent } from '../../core/check-event.ts';
import { Failure, unreachable } from '../../core/failure.ts';
import type { StageEvent } from '../../core/events.ts';
import { printable } from '../../core/printable.ts';
import { shown } from '../../core/shown.ts';
import type { AnyStage } from '../../core/stage.ts';
import { isThrown, thrownMessage } from '../../core/thrown.ts';
import type { ExperimentWriter } from '../../registry/index.ts';
import type { Line } from '../display/display.ts';
import { oneLine } from '../display/format.ts';

/** Characters of a stage's closing words: they stand on one line. */
const LONGEST_REPORT = 500;

/** Metrics of one stage: more are names with numbers in them, of which a record would have no end. */
const MOST_METRICS = 1000;

/** Shown once, when a stage writes more than is kept. */
export const LOG_IS_FULL = 'its log is full: what it writes from here on is not kept';

/** Where one stage's events go: the experiment keeps them, its line shows them. */
export interface EventSink {
  /** @throws Failure for what is no event; the stage then fails even if it catches that. */
  emit(event: StageEvent): void;
  /** Closing words as one line. @throws Failure for what is no text, in the same way. */
  report(text: unknown): string;
  /** Resolves when everything published is in its place, with what went wrong on the way. */
  settled(): Promise<readonly Error[]>;
}

export function openEventSink(
  id: string,
  stage: AnyStage,
  writer: Pick<ExperimentWriter, 'log' | 'metric' | 'progress' | 'publish' | 'flushMetrics'>,
  line: Line,
): EventSink {
  const publishing: Promise<Error | undefined>[] = [];
  const faults: Error[] = [];
  const metrics = new Set<string>();
  const failing = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      faults.push(asError(error));
      throw error;
    }
  };
  return {
    emit(given) {
      const event = failing(() => checkedEvent(id, given));
      switch (event.type) {
        case 'progress':
          writer.progress(id, event);
          line.progress(event);
          return;
        case 'metric':
          for (const name of Object.keys(event.values)) metrics.add(name);
          if (metrics.size > MOST_METRICS) failing(() => refuse(tooManyMetrics(id)));
          writer.metric(id, event, stage.metrics ?? {});
          return;
        case 'log':
          if (!writer.log(id, `${event.level === 'warning' ? 'warning: ' : ''}${event.text}\n`))
            line.warning(LOG_IS_FULL);
          if (event.level === 'warning') line.warning(event.text);
          if (event.level === 'notice') line.notice(event.text);
          return;
        case 'publish':
          publishing.push(
            writer.publish(id, event.path).then(
              () => undefined,
              // Kept as a value until settled().
              (error: unknown) => asError(error),
            ),
          );
          return;
        case 'checkpoint':
          writer.flushMetrics();
          return;
        default:
          unreachable(event);
      }
    },
    report: text =>
      failing(() => {
        if (typeof text !== 'string') throw noReport(id, text);
        const line = oneLine(text);
        if (line.length <= LONGEST_REPORT) return line;
        writer.log(id, `${text}\n`, true);
        return `${line.slice(0, LONGEST_REPORT)}… (in full in its log)`;
      }),
    settled: async () => [...faults, ...(await Promise.all(publishing)).filter(error => error !== undefined)],
  };
}

const asError = (thrown: unknown): Error =>
  isThrown(thrown, Error) ? thrown : new Error(thrownMessage(thrown));

function refuse(failure: Failure): never {
  throw failure;
}

const noReport = (stage: string, text: unknown) =>
  new Failure({
    code: 'wrong-report',
    message: `stage "${printable(stage)}" reported ${shown(text)}; expected a text`,
  });

const tooManyMetrics = (stage: string) =>
  new Failure({
    code: 'too-many-metrics',
    message: `stage "${printable(stage)}" measures more than ${MOST_METRICS.toLocaleString('en-US')} metrics`,
    hint: 'Give a metric one name, and what changes as its step.',
  });
