import type { Env } from '../../core/env.ts';
import type { Lines } from './lines.ts';
import { isAnimated, type DisplayStream } from './stream.ts';

/** Opens the display that suits the stream, or a plain one on request. */
export async function openLines(stream: DisplayStream, env: Env, isPlain = false): Promise<Lines> {
  // A closed terminal or pipe must not end a run, and nobody is left to tell.
  stream.on('error', () => {});
  if (!isPlain && isAnimated(stream, env)) {
    const { openTerminalLines } = await import('./terminal.ts');
    return openTerminalLines(stream);
  }
  const { openPlainLines } = await import('./plain.ts');
  return openPlainLines(stream);
}
