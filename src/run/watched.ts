/** What `pipe watch` says to the run that it started, over the process's channel. */
export type WatcherMessage =
  /** As one press of Ctrl-C. */
  { readonly type: 'stop' } | { readonly type: 'note'; readonly text: string };

function isWatcherMessage(message: unknown): message is WatcherMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { type, text } = message as { readonly type?: unknown; readonly text?: unknown };
  return type === 'stop' || (type === 'note' && typeof text === 'string');
}

/** True when another process started this one with a channel. */
export const isWatched = (): boolean => process.channel !== undefined;

/** Follows the watcher, and stops when it is gone without a word. Answers a function that ends this. */
export function followWatcher(stop: () => void, note: (text: string) => void): () => void {
  let isTold = false;
  const onMessage = (message: unknown) => {
    if (!isWatcherMessage(message)) return;
    if (message.type === 'note') note(message.text);
    else {
      isTold = true;
      stop();
    }
  };
  const onGone = () => {
    if (!isTold) stop();
  };
  process.on('message', onMessage).on('disconnect', onGone);
  // The channel alone must not keep this process alive.
  process.channel?.unref();
  return () => {
    process.off('message', onMessage).off('disconnect', onGone);
  };
}
