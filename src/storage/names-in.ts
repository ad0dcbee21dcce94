import { readdirSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/** The names in a folder; none where it does not exist. @throws The operating system's other errors. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
