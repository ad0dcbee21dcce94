import { jsonLine } from '../../core/json-text.ts';
import { isFrequent, type Observer, type RunEvent } from '../events.ts';
import type { DisplayStream } from './stream.ts';

/** Most bytes waiting for the reader before frequent events are dropped. */
const MOST_WAITING = 1 << 20;

/**
 * An observer that writes each event as a line of JSON. A slow reader gets fewer of the frequent events, and their number; a
 * closed one gets none. Neither delays the run.
 */
export function openJsonLines(
  stream: DisplayStream & { readonly writableLength: number },
  now: () => number = Date.now,
): Observer {
  // The reader is gone, and nobody is left to tell.
  stream.on('error', () => {});
  const put = (event: RunEvent) => {
    stream.write(`${jsonLine({ time: new Date(now()).toISOString(), ...event })}\n`);
  };
  let dropped = 0;
  return event => {
    if (!stream.writable) return;
    if (isFrequent(event) && stream.writableLength > MOST_WAITING) {
      dropped++;
      return;
    }
    if (dropped > 0) put({ type: 'dropped', events: dropped });
    dropped = 0;
    put(event);
  };
}
