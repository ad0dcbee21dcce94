import type { Env } from '../../core/env.ts';
/** A stream to draw on. */
export type DisplayStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** True where an animated display helps: on a terminal, outside CI, with colour allowed. */
export function isAnimated(stream: DisplayStream, env: Env): boolean {
  return stream.isTTY === true && !env['CI'] && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
