import type { Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { PlannedStage } from '../plan/plan.ts';
import { storageFailure } from '../registry/storage-failure.ts';
import type { Decision } from './decide.ts';
import type { Line } from './display.ts';
import type { StageSurroundings } from './run-stage.ts';

interface Result {
  readonly planned: PlannedStage;
  readonly decision: Decision & { readonly kind: 'run' };
  readonly report: string | null;
  readonly outputs: Readonly<Record<string, Artifact>>;
  readonly loadsTensorFlow: boolean;
  readonly line: Line;
}

/** Puts what a stage gave into the cache. Where that is not possible the run goes on, with a warning. */
export async function keepResult(
  { planned: { id }, decision: { fingerprint, keep }, report, outputs, loadsTensorFlow, line }: Result,
  { cache, backend, writer }: StageSurroundings,
): Promise<void> {
  if (cache === undefined || fingerprint === undefined || keep === undefined) return;
  try {
    const { dir, hashes } = writer;
    const about = { stage: id, dir, hashes, experiment: writer.id, report, outputs, ...fingerprint };
    const loaded = loadsTensorFlow ? ((await backend?.()) ?? null) : null;
    await cache.put({ ...about, backend: loaded }, { replace: keep === 'replace' });
    cache.save();
  } catch (error) {
    const failure = storageFailure(error, 'write', '.cache');
    if (!(failure instanceof Failure)) throw error;
    line.warning(`its result is not kept for the next run: ${failure.message}`);
  }
}
