import type { StageCache } from '../../cache/cache.ts';
import type { Artifact } from '../../core/artifacts.ts';
import { kindsOf, type PlannedStage } from '../../plan/plan.ts';
import type { ExperimentWriter } from '../../registry/index.ts';
import { earlierFaults } from './check-earlier.ts';
import { damageWords } from '../decide/damage.ts';
import type { Decision } from '../decide/decision.ts';
import { recordedData } from '../fingerprint/fingerprints.ts';

type Outputs = Readonly<Record<string, Artifact>>;

/** A stage's result from the cache, or why it cannot be used. */
type Taken =
  | { readonly outputs: Outputs; readonly backend: string | undefined; readonly reason: string }
  | { readonly fault: string };

/** Takes a stage's result from the cache: files, publications, points and its end. */
export async function takeFromCache(
  planned: PlannedStage,
  { entry, data }: Pick<Decision & { kind: 'cache-hit' }, 'entry' | 'data'>,
  services: { readonly writer: ExperimentWriter; readonly cache: StageCache; readonly cwd: string },
): Promise<Taken> {
  const { id, stage } = planned;
  const { writer, cache, cwd } = services;
  let fault = 'its result has gone from the cache: it runs again';
  const taken = await writer.restoreStage(id, async output => {
    const found = await cache.take(entry, output, writer);
    if (found === undefined || !('damaged' in found)) return found;
    fault = damageWords(found, id, cwd);
    return undefined;
  });
  if (taken === undefined) return { fault };
  const [wrong] = await earlierFaults(planned, taken.outputs);
  if (wrong !== undefined) return { fault: `its result in the cache is wrong: ${wrong}; it runs again` };
  for (const path of entry.published) await writer.publish(id, path);
  writer.takePoints(id, taken.points, stage.metrics ?? {});
  const { report, fingerprint, variables } = entry;
  const backend = entry.backend ?? undefined;
  const reason = `same as ${entry.experiment}`;
  const known = { fingerprint, backend, ...(variables && { variables }), ...recordedData(data) };
  await writer.endStage(
    id,
    { status: 'reused', report, reason, ...known, kinds: kindsOf(planned) },
    taken.outputs,
  );
  return { outputs: taken.outputs, backend, reason };
}
