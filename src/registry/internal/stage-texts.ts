import { join } from 'node:path';
import { readRegular } from '../../storage/read-file.ts';
import { errorCode, onStorage } from '../../storage/storage-failure.ts';
import { readdirSync } from 'node:fs';
import { stageRecordPath } from './paths.ts';
import { STAGE_LIMIT } from './record.ts';

/** The texts of every stage.json below an experiment's folder, damaged ones included. @throws Failure for what cannot be read. */
export function* stageTexts(dir: string): Generator<string> {
  const stages = join(dir, 'stages');
  for (const stage of unlessMissing(stages, () => readdirSync(stages)) ?? []) {
    const path = stageRecordPath(dir, stage);
    const text = unlessMissing(path, () => readRegular(path, STAGE_LIMIT).toString());
    if (text !== undefined) yield text;
  }
}

function unlessMissing<T>(path: string, read: () => T): T | undefined {
  return onStorage('read', path, () => {
    try {
      return read();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
      throw error;
    }
  });
}
