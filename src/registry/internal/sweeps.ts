import { join } from 'node:path';
import { parseJson } from '../../core/parse-json.ts';
import type { ProcessIdentity } from '../../host/process-identity.ts';
import { linesOf } from '../../storage/lines.ts';
import { readRegular } from '../../storage/read-file.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { StoredSweep, Sweeps } from '../sweeps.ts';
import { attemptDir, newestAttempt, ownerOf } from './attempts.ts';
import { DEFINITION, JOURNAL, sweepDir, sweepIds, TEXT } from './sweep-paths.ts';

/** Bytes of the largest file to read. */
const LARGEST = 1 << 28;

export const openSweeps = (registry: string): Sweeps => ({
  ids: () => sweepIds(registry),
  create: async files => {
    const { createSweep } = await import('./sweep-writer.ts');
    return createSweep(registry, files);
  },
  takeOver: async (id, force = false) => {
    const { driveSweep } = await import('./sweep-writer.ts');
    return driveSweep(registry, id, force);
  },
  read: id => read(registry, id),
});

function read(registry: string, id: string): StoredSweep {
  const dir = sweepDir(registry, id);
  return onStorage('read', dir, () => ({
    id,
    dir,
    text: readRegular(join(dir, TEXT), LARGEST).toString(),
    definition: parseJson(readRegular(join(dir, DEFINITION), LARGEST).toString()),
    journal: [...linesOf(join(dir, JOURNAL))].map(({ text }) => parseJson(text)),
    driver: driverOf(dir),
  }));
}

function driverOf(dir: string): ProcessIdentity | undefined {
  const owner = ownerOf(attemptDir(dir, newestAttempt(dir)));
  return owner === 'replaced' ? undefined : owner;
}
