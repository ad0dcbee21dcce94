import { readGrowing, type ReadFrom } from '../../storage/growing-file.ts';
import { linesIn } from '../../storage/lines.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { PointsPiece, StoredPoint } from '../stored.ts';
import { parseMetricLine } from './metric-lines.ts';
import { metricsPath } from './paths.ts';

/** Most bytes of one chunk, apart from its last line. */
const LARGEST = 1 << 22;

const NOTHING = { points: [], nextByte: 0, file: undefined } as const;

/** The points of an experiment from a byte on. @throws Failure if it is not a file, and for errors of the operating system. */
export function readPoints(dir: string, from?: ReadFrom): PointsPiece {
  const path = metricsPath(dir);
  return onStorage('read', path, () => pointsFrom(path, from));
}

/** The points of a file from a byte on. A last line without its end is left for the next reading. */
export const pointsFrom = (path: string, from: ReadFrom = {}): PointsPiece =>
  readGrowing(path, from, {
    isLines: true,
    read: ({ descriptor, start }) => {
      const points: StoredPoint[] = [];
      let nextByte = start;
      for (const { text, ...place } of linesIn(descriptor, { from: start })) {
        const point = parseMetricLine(text);
        if (point !== undefined) points.push({ point, ...place });
        nextByte = place.end;
        if (nextByte - start >= LARGEST) break;
      }
      return { points, nextByte };
    },
  }) ?? { ...NOTHING, isRewritten: (from.fromByte ?? 0) > 0 };
