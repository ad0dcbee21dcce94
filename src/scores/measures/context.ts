import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../../core/failure.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';

/** What measures compute with. */
export interface MeasureContext {
  readonly tensorflow: Pick<TensorFlow, 'float64'>;
  /** The same seed gives the same scores. */
  readonly seed: number;
  /** Looked at between pieces of work. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets the event loop handle signals and the display between two pieces of work.
 * @throws Interrupted
 */
export async function pause({ signal }: Pick<MeasureContext, 'signal'>): Promise<void> {
  await setImmediate();
  if (signal?.aborted === true) throw new Interrupted();
}
