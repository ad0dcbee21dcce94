import { unreachable } from '../../core/failure.ts';
import type { StageEvent } from '../../core/events.ts';
import type { ExperimentWriter, MetricDeclarations } from '../../registry/index.ts';

/**
 * The experiment as the first observer of a stage's events: an event that it cannot write throws or rejects, and fails the stage.
 */
export type Recorder = Pick<ExperimentWriter, 'log' | 'metric' | 'progress' | 'publish' | 'flushMetrics'>;

/** Result of recording an event. */
export interface Recorded {
  /** False for text that a full log rejects. */
  readonly isKept: boolean;
  /** For a published file: resolves once it is in place. */
  readonly inPlace?: Promise<void>;
}

/** Records an event of a stage before other observers get it. */
export function record(
  id: string,
  event: StageEvent,
  writer: Recorder,
  declarations: MetricDeclarations,
): Recorded {
  switch (event.type) {
    case 'progress':
      writer.progress(id, event);
      return { isKept: true };
    case 'metric':
      writer.metric(id, event, declarations);
      return { isKept: true };
    case 'log':
      return { isKept: writer.log(id, `${event.level === 'warning' ? 'warning: ' : ''}${event.text}\n`) };
    case 'publish':
      return { isKept: true, inPlace: writer.publish(id, event.path) };
    case 'checkpoint':
      writer.flushMetrics();
      return { isKept: true };
    default:
      return unreachable(event);
  }
}
