import type { Worker } from 'node:worker_threads';
import { isFrequent, type Observer, type RunEvent } from '../events.ts';
import { endWithStarter } from './lifeline.ts';

/** Messages to a run from the process that started it, over the process's channel. */
export type WatcherMessage =
  /** As one press of Ctrl-C. */
  { readonly type: 'stop' } | { readonly type: 'note'; readonly text: string };

/** Which process started this one: `pipe run` itself, whose child must not outlive it, or `pipe watch`. */
export type Starter = 'run' | 'watch';

/** Names the starter to a child that has just been made, which takes it out of its environment at once. */
export const STARTER = 'PIPE_STARTED_BY';

/** Descriptor of such a child: the starter's stdout, for data alone. */
export const DATA = 4;

function isWatcherMessage(message: unknown): message is WatcherMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { type, text } = message as { readonly type?: unknown; readonly text?: unknown };
  return type === 'stop' || (type === 'note' && typeof text === 'string');
}

let starter: Starter | undefined;
let lifeline: Worker | undefined;

/** True when another process started this one and follows it. */
export const isWatched = (by?: Starter): boolean =>
  by === undefined ? starter !== undefined : starter === by;

/** Tells the process that started this one of an event; without one, nobody. Resolves once the event is on its way. */
function tellWatcher(event: RunEvent): Promise<void> {
  return new Promise(resolve => {
    // It may be gone; then there is nobody to tell.
    if (!isWatched() || !process.connected) resolve();
    else
      process.send?.(event, undefined, undefined, () => {
        resolve();
      });
  });
}

/** Tells the follower of every event. */
export const tellAll: Observer = event => void tellWatcher(event);

/** Tells the follower of what it needs to say and record an end that the run cannot: all but the frequent events. */
export const tellMilestones: Observer = event => {
  if (!isFrequent(event)) tellAll(event);
};

/** Milliseconds that a run has to hear that its watcher is gone; one that hears it stops by itself. */
const DEAF = 10_000;

/**
 * Makes this process one that another process follows. Returns the function to leave by: without it, an end is one that
 * nobody meant.
 */
export function joinWatcher(): (exitCode: number) => Promise<never> {
  starter = process.env[STARTER] === 'watch' ? 'watch' : 'run';
  Reflect.deleteProperty(process.env, STARTER);
  lifeline = endWithStarter(starter === 'run' ? 0 : DEAF);
  const onExit = (exitCode: number) => {
    void tellWatcher({ type: 'exit-called', exitCode, stack: new Error('exit').stack ?? '' });
  };
  process.on('exit', onExit);
  return async exitCode => {
    process.off('exit', onExit);
    await tellWatcher({ type: 'leaving', exitCode });
    // Handles that a stage left open must not delay the end.
    process.exit(exitCode);
  };
}

/** Follows the watcher, and stops when it is gone without a word. Returns a function that ends this. */
export function followWatcher(stop: () => void, note: (text: string) => void): () => void {
  let stops = 0;
  const onMessage = (message: unknown) => {
    if (!isWatcherMessage(message)) return;
    if (message.type === 'note') note(message.text);
    else {
      stops++;
      stop();
      void tellWatcher({ type: 'stop-heard', stops });
    }
  };
  const onGone = () => {
    if (starter === 'watch') void lifeline?.terminate();
    if (stops === 0) stop();
  };
  process.on('message', onMessage).on('disconnect', onGone);
  // The channel alone must not keep this process alive.
  process.channel?.unref();
  return () => {
    process.off('message', onMessage).off('disconnect', onGone);
  };
}

/**
 * Two ways on which the same request comes, such as a Ctrl-C that the terminal sends to every process and that the starter
 * passes on: a press counts once, whichever is first.
 */
export function onceOfTwoWays(request: () => void): readonly [() => void, () => void] {
  const counts: [number, number] = [0, 0];
  const by = (way: 0 | 1) => () => {
    counts[way]++;
    if (counts[way] > counts[way === 0 ? 1 : 0]) request();
  };
  return [by(0), by(1)];
}
