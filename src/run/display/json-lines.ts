import { jsonLine } from '../../core/json-text.ts';
import { isFrequent, type Observer, type RunEvent } from '../events.ts';
import type { DisplayStream } from './stream.ts';

/** Bytes that may wait for the reader before frequent events are left out. */
const MOST_WAITING = 1 << 20;

/**
 * Writes each event as a line of JSON. A reader that lags behind gets fewer of the frequent events and is told how many it has
 * missed; one that is gone gets none. Neither holds the run up.
 */
export function openJsonLines(
  stream: DisplayStream & { readonly writableLength: number },
  now: () => number = Date.now,
): Observer {
  // A reader that is gone: there is nobody left to tell.
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
