import { readArchive } from './archive.ts';
import { inFolder } from './folder-files.ts';
import type { PictureFiles } from './listed-files.ts';
import type { Place } from './source-path.ts';

/**
 * Lists the files of an archive by reading it twice, for names and then for content, so that neither disk nor memory has to hold
 * it.
 */
async function inArchive(archive: string, signal: AbortSignal): Promise<PictureFiles> {
  // Of files with the same name the last counts, as when tar extracts.
  const ordinals = new Map<string, number>();
  let entries = 0;
  await readArchive(archive, signal, ({ path }) => {
    // Names that are not UTF-8 may collide: their pictures stay apart.
    const isKnown = !path.includes('\ufffd') || !ordinals.has(path);
    ordinals.set(isKnown ? path : `${path} (entry ${entries + 1})`, entries++);
  });
  return {
    paths: [...ordinals.keys()],
    broken: new Map(),
    emptyFolders: [],
    async visit(paths, visitor) {
      const wanted = new Map(paths.map((path, index) => [ordinals.get(path), index]));
      let ordinal = 0;
      await readArchive(archive, signal, async ({ size, read }) => {
        const index = wanted.get(ordinal++);
        if (index !== undefined) await visitor(index, size, read);
      });
    },
  };
}

/** Lists the files of a folder or an archive, to be visited afterwards. */
export async function listFiles(place: Place, signal: AbortSignal): Promise<PictureFiles> {
  return place.kind === 'folder' ? inFolder(place.path, signal) : inArchive(place.path, signal);
}
