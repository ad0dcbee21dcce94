import { checkedEvent } from '../../core/check-event.ts';
import { Failure } from '../../core/failure.ts';
import type { StageEvent } from '../../core/events.ts';
import { printable } from '../../core/printable.ts';
import { shown } from '../../core/shown.ts';
import type { AnyStage } from '../../core/stage.ts';
import { isThrown, thrownMessage } from '../../core/thrown.ts';
import { oneLine } from '../display/format.ts';
import type { Observer } from '../events.ts';
import { record, type Recorder } from './recording.ts';

/** Most characters of a stage's report, which is one line. */
const LONGEST_REPORT = 500;

/** Most metrics of one stage: more come from numbers in names, which would never end. */
const MOST_METRICS = 1000;

/** Shown when a stage writes more than its log holds. */
export const LOG_IS_FULL = 'its log is full: what it writes from here on is not kept';

/** Sink for the events of one stage: first the experiment, then the observers of the run. */
export interface EventSink {
  /** @throws Failure for an invalid event, or one that cannot be written; the stage then fails even if it catches the error. */
  emit(event: StageEvent): void;
  /** Returns the report as one line. @throws Failure for anything but a text, in the same way. */
  report(text: unknown): string;
  /** Resolves to the errors when everything published is in place. */
  settled(): Promise<readonly Error[]>;
}

export interface SinkOptions {
  readonly writer: Recorder;
  readonly emit: Observer;
  readonly signal: AbortSignal;
  /** True for a stage that resumes. */
  readonly isResumed: boolean;
}

export function openEventSink(
  id: string,
  stage: AnyStage,
  { writer, emit, signal, isResumed }: SinkOptions,
): EventSink {
  const publishing: Promise<Error | undefined>[] = [];
  const faults: Error[] = [];
  const metrics = new Set<string>();
  let isFirst = !isResumed;
  const failing = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      faults.push(asError(error));
      throw error;
    }
  };
  /** Sends a recorded event to the observers. */
  const tell = (event: StageEvent): void => {
    if (event.type === 'publish') emit({ type: 'published', stage: id, path: event.path });
    else if (event.type === 'checkpoint') {
      emit({ type: 'checkpoint', stage: id, first: isFirst, stopping: signal.aborted });
      isFirst = false;
    } else emit({ stage: id, ...event });
  };
  return {
    emit(given) {
      const event = failing(() => checkedEvent(id, given));
      if (event.type === 'metric') failing(() => countMetrics(id, event.values, metrics));
      const { isKept, inPlace } = failing(() => record(id, event, writer, stage.metrics ?? {}));
      if (!isKept) emit({ type: 'log', stage: id, level: 'warning', text: LOG_IS_FULL });
      if (inPlace === undefined) tell(event);
      else
        publishing.push(
          inPlace.then(
            () => void tell(event),
            // Kept as a value until settled().
            (error: unknown) => asError(error),
          ),
        );
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

function countMetrics(stage: string, values: Readonly<Record<string, number>>, known: Set<string>): void {
  for (const name of Object.keys(values)) known.add(name);
  if (known.size > MOST_METRICS) throw tooManyMetrics(stage);
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
