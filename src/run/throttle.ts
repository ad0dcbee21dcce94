import type { Observer, RunEvent } from './events.ts';

/** Milliseconds between two progress events of a stage. */
const INTERVAL = 100;

type Progress = RunEvent & { readonly type: 'progress' };

/**
 * An observer that passes on at most ten progress events a second; the last one of a stage comes before its end. `now` returns
 * milliseconds.
 */
export function throttleProgress(observe: Observer, now: () => number = Date.now): Observer {
  let held: Progress | undefined;
  let passedAt = -Infinity;
  return event => {
    if (event.type === 'progress') {
      if (now() - passedAt < INTERVAL) {
        held = event;
        return;
      }
      passedAt = now();
      held = undefined;
    } else if (event.type === 'stage-ended') {
      if (held !== undefined) observe(held);
      passedAt = -Infinity;
      held = undefined;
    }
    observe(event);
  };
}
