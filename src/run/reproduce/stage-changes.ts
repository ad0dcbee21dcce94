import type { StageRecord } from '../../core/experiment.ts';
import { sourcesOf, type PlannedStage } from '../../plan/plan.ts';
import type { ReadData, StageFingerprint } from '../fingerprint/fingerprints.ts';
import { changed, shortHash } from './changes.ts';
import type { Change } from './report.ts';

export interface StageNow {
  readonly planned: PlannedStage;
  readonly then: StageRecord;
  /** Undefined where its dependencies cannot be read. */
  readonly fingerprint: StageFingerprint | undefined;
  /** True when changes of its code files are listed. */
  readonly isCodeListed: boolean;
}

/** Differences of the stages themselves: version, code and data; the fingerprint where an older record has no more. */
export function stagesSince(stages: readonly StageNow[]): readonly Change[] {
  const differing = new Set<string>();
  return stages.flatMap(({ planned, then, fingerprint, isCodeListed }) => {
    const { id, stage } = planned;
    const isSame = then.fingerprint === undefined || then.fingerprint === fingerprint?.fingerprint;
    if (!isSame) differing.add(id);
    const follows = sourcesOf(planned).some(source => differing.has(source));
    const code = then.code === undefined ? undefined : shortHash(then.code);
    const own = [
      ...changed(`version of ${id}`, String(then.version), String(stage.version)),
      ...(isCodeListed ? [] : changed(`code of ${id}`, code, short(fingerprint?.parts.code))),
      ...dataSince(id, then.data ?? [], fingerprint?.data),
    ];
    if (isSame || follows || isCodeListed || own.length > 0 || code !== undefined) return own;
    return changed(`fingerprint of ${id}`, short(then.fingerprint), short(fingerprint?.fingerprint));
  });
}

const short = (hash: string | undefined): string | null => (hash === undefined ? null : shortHash(hash));

/** Data counts by its content, wherever it lies. */
function dataSince(
  id: string,
  then: NonNullable<StageRecord['data']>,
  now: readonly ReadData[] | undefined,
): readonly Change[] {
  return then.flatMap(({ path, digest }, index) => {
    const found = now?.find(each => each.path === path) ?? now?.[index];
    if (found?.digest === digest) return [];
    const place = found === undefined || found.path === path ? '' : ` ${found.path}`;
    const after = found === undefined ? null : `${shortHash(found.digest)}${place}`;
    return [{ what: `data of ${id}, ${path}`, then: shortHash(digest), now: after }];
  });
}
