import { readText, type ReadFrom } from '../../storage/growing-file.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { LogPiece } from '../stored.ts';
import { checkSegment } from './ids.ts';
import { logPath } from './paths.ts';

/** Most bytes of one chunk. */
const LARGEST = 1 << 20;

/** A stage's log from a byte on. @throws Failure for an invalid stage id. */
export function readLog(dir: string, stage: string, from: ReadFrom = {}): LogPiece {
  checkSegment(stage, 'stage id');
  const isRewritten = (from.fromByte ?? 0) > 0;
  const path = logPath(dir, stage);
  const nothing = { text: '', nextByte: 0, file: undefined, isRewritten };
  return onStorage('read', path, () => readText(path, from, LARGEST)) ?? nothing;
}
