/** Handlers for keys of the terminal, or for characters of other stdin. */
export interface KeyHandlers {
  /** `q`. */
  readonly onQuit: () => void;
  /** Ctrl-C, which a terminal in raw mode sends as a character. */
  readonly onInterrupt: () => void;
}

const CTRL_C = '\u0003';

/** Listens for single keys. Returns a function that ends this and restores the terminal. */
export function listenForKeys(stdin: NodeJS.ReadStream, { onQuit, onInterrupt }: KeyHandlers): () => void {
  const onData = (data: Buffer) => {
    for (const key of data.toString()) {
      if (key === 'q') onQuit();
      else if (key === CTRL_C) onInterrupt();
    }
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onData).resume();
  return () => {
    stdin.off('data', onData).pause();
    if (stdin.isTTY) stdin.setRawMode(false);
  };
}
