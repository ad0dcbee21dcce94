import { relative } from 'node:path';
import { printable } from '../../core/printable.ts';
import { sourcesOf, type Plan } from '../../plan/plan.ts';
import { causesOf } from './causes.ts';
import type { Decision, Decisions } from './decision.ts';
import { unchangedFingerprint, type Earlier } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';

/**
 * Warnings before an experiment is continued: where code or data changed since it began, or its files are damaged, so that its
 * state no longer matches what its stages would give now.
 */
export function changesSince(
  plan: Plan,
  decisions: Decisions,
  earlier: Earlier,
  cwd: string,
): readonly string[] {
  return plan.stages.flatMap(planned => {
    const { id } = planned;
    const consequence = consequenceFor(decisions.get(id));
    const damaged = earlier.damage.get(id);
    if (consequence !== undefined && damaged !== undefined)
      return [`warning: ${printable(relative(cwd, damaged))} is not what ${id} wrote: ${consequence}`];
    const then = stageRecord(earlier, id);
    const now = earlier.fingerprint(id);
    if (consequence === undefined || then?.fingerprint === undefined) return [];
    const since = `changed since ${earlier.id} began`;
    if (then.code !== undefined && now !== undefined && then.code !== now.parts.code)
      return [`warning: the code of ${id} ${since}: ${consequence}`];
    if (unchangedFingerprint(id, earlier) !== undefined) return [];
    const isItsOwn = sourcesOf(planned).every(source => unchangedFingerprint(source, earlier) !== undefined);
    if (!isItsOwn) return [];
    const causes = causesOf(id, earlier, cwd);
    const words = causes.length > 0 ? causes.join('; ') : 'a package that it imports';
    return [`warning: what ${id} depends on ${since} (${printable(words)}): ${consequence}`];
  });
}

function consequenceFor(decision: Decision | undefined): string | undefined {
  if (decision?.kind === 'keep' || decision?.kind === 'reuse')
    return 'its previous outputs stay, and what follows from them is not kept for other runs';
  if (decision?.kind === 'run' && decision.from !== undefined)
    return 'it resumes from its previous state, and its result is not kept for other runs';
  return undefined;
}
