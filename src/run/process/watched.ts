import type { Worker } from 'node:worker_threads';
import { isFrequent, type Observer, type RunEvent } from '../events.ts';
import { endWithStarter } from './lifeline.ts';

/** Messages to a run from the process that started it, over the process's channel. */
export type WatcherMessage =
  /** Like one press of Ctrl-C. */
  { readonly type: 'stop' } | { readonly type: 'note'; readonly text: string };

/** The command that started this process: `pipe run`, whose child must not outlive it, or `pipe watch`. */
export type Starter = 'run' | 'watch';

/** Variable that names the starter to a new child, which removes it from its environment at once. */
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

/** True when another process started this one and follows it; with `by`, only that command. */
export const isWatched = (by?: Starter): boolean =>
  by === undefined ? starter !== undefined : starter === by;

/** Sends an event to the process that follows this one, if any. Resolves once it is sent. */
function tellWatcher(event: RunEvent): Promise<void> {
  return new Promise(resolve => {
    // The follower may be gone.
    if (!isWatched() || !process.connected) resolve();
    else
      process.send?.(event, undefined, undefined, () => {
        resolve();
      });
  });
}

/** Sends every event to the follower. */
export const tellAll: Observer = event => void tellWatcher(event);

/** Sends the follower what it needs to report and record an end that the run cannot: all but the frequent events. */
export const tellMilestones: Observer = event => {
  if (!isFrequent(event)) tellAll(event);
};

/** Milliseconds for a run to notice that its watcher is gone, and stop by itself. */
const DEAF = 10_000;

/** Makes this process one that another process follows. Returns the function to exit by: any other end counts as unexpected. */
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

/** Listens to the watcher, and stops when it is gone without a stop request. Returns a function that ends this. */
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
 * Two callbacks for requests that may arrive twice, such as a Ctrl-C that the terminal sends to every process and the starter
 * passes on: each press counts once, whichever comes first.
 */
export function onceOfTwoWays(request: () => void): readonly [() => void, () => void] {
  const counts: [number, number] = [0, 0];
  const by = (way: 0 | 1) => () => {
    counts[way]++;
    if (counts[way] > counts[way === 0 ? 1 : 0]) request();
  };
  return [by(0), by(1)];
}
