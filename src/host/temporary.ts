import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { explainSystemError } from '../core/system-error.ts';

/** A new folder for temporary files. @throws Failure where TMPDIR does not exist or is not writable. */
export function temporaryFolder(prefix: string): string {
  const parent = tmpdir();
  try {
    return mkdtempSync(join(parent, prefix));
  } catch (error) {
    const refusal = explainSystemError(error);
    if (refusal === undefined) throw error;
    throw new Failure({
      code: 'no-temporary-folder',
      exitCode: 2,
      message: `cannot make a temporary folder in ${printable(parent)}: ${refusal.reason} (${refusal.code})`,
      hint: 'set TMPDIR to a folder that exists and is writable, or unset it',
      cause: error,
    });
  }
}
