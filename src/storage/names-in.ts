import { readdirSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/** The names in a folder; none where there is no folder (any more). @throws What else the operating system says, as it is. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
