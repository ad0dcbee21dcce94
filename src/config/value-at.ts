import type { Path } from './node.ts';

/** The value that a path leads to; undefined where it leads to none. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce(
    (inner, part) => (inner as Readonly<Record<string | number, unknown>> | undefined)?.[part],
    value,
  );
