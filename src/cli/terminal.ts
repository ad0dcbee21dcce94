import { createColors } from 'picocolors';
import type { Io } from './io.ts';

type Stream = Io['stdout'];

/** True for colours: on a terminal, unless NO_COLOR is set. */
export function hasColor(stream: Stream, env: Io['env']): boolean {
  return stream.isTTY === true && !env['NO_COLOR'];
}

export type Colors = ReturnType<typeof createColors>;

export const colorsFor = (stream: Stream, env: Io['env']): Colors => createColors(hasColor(stream, env));

/** Characters on a line; infinite unless the output is a terminal. A terminal of unknown size reports 0. */
export const columnsOf = ({ isTTY, columns }: Stream): number => (isTTY === true ? columns || 80 : Infinity);
