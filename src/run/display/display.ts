import type { Env } from '../../core/env.ts';
import type { Lines } from './lines.ts';
import { isAnimated, type DisplayStream } from './stream.ts';

/** Opens the lines that suit the stream, or plain ones where they are asked for. */
export async function openLines(stream: DisplayStream, env: Env, isPlain = false): Promise<Lines> {
  // A terminal that is closed, or a pipe whose reader is gone, must not end a run; there is nobody left to tell.
  stream.on('error', () => {});
  if (!isPlain && isAnimated(stream, env)) {
    const { openTerminalLines } = await import('./terminal.ts');
    return openTerminalLines(stream);
  }
  const { openPlainLines } = await import('./plain.ts');
  return openPlainLines(stream);
}
