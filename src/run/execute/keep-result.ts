import type { Artifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { stageRecord } from '../stage-record.ts';
import type { StageFingerprint } from '../fingerprint/fingerprints.ts';
import type { RunServices } from './run-services.ts';

interface Result {
  readonly stage: string;
  readonly fingerprint: StageFingerprint;
  readonly keep: 'add' | 'replace';
  readonly outputs: Readonly<Record<string, Artifact>>;
  /** The TensorFlow backend that it comes from, if any. */
  readonly backend: string | undefined;
}

/** Stores a stage's outputs in the cache. A failure only gives a warning. */
export async function keepResult(
  { fingerprint, keep, backend, ...about }: Result,
  { cache, writer, emit }: RunServices,
): Promise<void> {
  if (cache === undefined) return;
  try {
    // From the record, where secrets are removed.
    const { report = null, variables } = stageRecord(writer, about.stage) ?? {};
    const check = () => {
      writer.check();
    };
    await cache.put(
      { ...about, report, variables, ...fingerprint, writer, backend: backend ?? null },
      { replace: keep === 'replace', check },
    );
    cache.save();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const text = `its result is not kept for the next run: ${error.message}`;
    emit({ type: 'log', stage: about.stage, level: 'warning', text });
  }
}
