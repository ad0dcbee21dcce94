import { rmSync } from 'node:fs';
import { claim } from './claim.ts';
import { reopen } from './reopen.ts';
import { stagingFolder } from '../../storage/staging.ts';
import type { ExperimentWriter, NewExperiment, Reopening } from '../writing.ts';
import { Writer } from './writer.ts';

/** Claims the next number of a registry; returns the writer of that experiment. */
export function claimWriter(registry: string, given: NewExperiment): ExperimentWriter {
  const staging = stagingFolder(registry);
  return new Writer(claim(registry, given, staging), staging, given.hideSecrets);
}

/** Takes over a stopped experiment; returns its writer. */
export async function reopenWriter(
  registry: string,
  id: string,
  reopening: Reopening,
): Promise<ExperimentWriter> {
  const staging = stagingFolder(registry);
  const reopened = await reopen(registry, id, reopening, staging);
  try {
    return new Writer(reopened, staging, reopening.hideSecrets, { ...reopened, ...reopening });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    reopened.attempt.release();
    throw error;
  }
}
