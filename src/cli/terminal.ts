import { createColors } from 'picocolors';
import type { Io } from './io.ts';

type Stream = Io['stdout'];

/** Colours where a person looks: on a terminal, unless NO_COLOR is set. */
export function hasColor(stream: Stream, env: Io['env']): boolean {
  return stream.isTTY === true && !env['NO_COLOR'];
}

export type Colors = ReturnType<typeof createColors>;

export const colorsFor = (stream: Stream, env: Io['env']): Colors => createColors(hasColor(stream, env));

/** Characters on a line; without end where the output is no terminal. One that does not know its size says 0. */
export const columnsOf = ({ isTTY, columns }: Stream): number => (isTTY === true ? columns || 80 : Infinity);
