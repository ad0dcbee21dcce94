import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactFiles } from '../../core/artifacts/definition.ts';
import { isWithin } from '../../core/artifacts/named-files.ts';
import { isInside } from '../../storage/inside.ts';
import { openRegularHandle, readRegularFile } from '../../storage/read-file.ts';

/** Largest text file to read, in bytes. */
const LONGEST_TEXT = 64 * 1024 * 1024;

/** Bytes read at a time. */
const AT_ONCE = 1 << 20;

/** Access to the files in an artifact's folder, for the check of its kind. */
export const filesOf = (dir: string, areNew: boolean): ArtifactFiles => ({
  areNew,
  size(path) {
    const file = fileIn(dir, path);
    const status = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    return status?.isFile() === true ? status.size : undefined;
  },
  async *read(path) {
    const file = fileIn(dir, path);
    if (file === undefined) throw new Error(`${path} is not there`);
    const handle = await openRegularHandle(file);
    try {
      yield* handle.createReadStream({ highWaterMark: AT_ONCE, autoClose: false }) as AsyncIterable<Buffer>;
    } finally {
      await handle.close();
    }
  },
  text(path) {
    const file = fileIn(dir, path);
    if (file === undefined) return { problem: 'missing' };
    const reading = readRegularFile(file, LONGEST_TEXT);
    return 'content' in reading ? { text: reading.content.toString() } : reading;
  },
});

/** The absolute path of a file in the folder, links resolved; undefined if it does not exist or lies outside. */
function fileIn(dir: string, path: string): string | undefined {
  const file = join(dir, path);
  if (!isWithin(path) || statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const real = realpathSync(file);
  return isInside(realpathSync(dir), real) ? real : undefined;
}
