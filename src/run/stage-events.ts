import { unreachable } from '../core/failure.ts';
import type { StageEvent } from '../core/events.ts';
import type { AnyStage } from '../core/stage.ts';
import type { ExperimentWriter } from '../registry/types.ts';
import type { Line } from './display.ts';

/** Where one stage's events go: the experiment keeps them, its line shows them. */
export interface EventSink {
  emit(event: StageEvent): void;
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
  return {
    emit(event) {
      switch (event.type) {
        case 'progress':
          writer.progress(id, event);
          line.progress(event);
          return;
        case 'metric':
          writer.metric(id, event, stage.metrics ?? {});
          return;
        case 'log':
          writer.log(id, `${event.level === 'warning' ? 'warning: ' : ''}${event.text}\n`);
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
    settled: async () => (await Promise.all(publishing)).filter(error => error !== undefined),
  };
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
