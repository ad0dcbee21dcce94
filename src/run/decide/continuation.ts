import { sourcesOf, type Plan, type PlannedStage } from '../../plan/plan.ts';
import type { Range } from '../../plan/select.ts';
import { decideBefore, partsOf, skippedAfter } from './decide.ts';
import type { Decision, Decisions } from './decision.ts';
import { completeOutputs, unchangedFingerprint, type Earlier } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';
import { resumeFrom, type Deciding } from './resume-from.ts';

/**
 * Decisions for resuming a stopped experiment: completed stages stay; from the first other one on, all dependent stages run
 * again, resumed or from the cache, within the original range.
 */
export async function decideContinuation(
  plan: Plan,
  earlier: Earlier,
  range: Range,
  deciding: Deciding,
): Promise<Decisions> {
  const { before, selected, after } = partsOf(plan, range);
  const decisions = new Map<string, Decision>();
  for (const planned of before) decideKept(planned, decisions, earlier, deciding);
  if (decisions.size < before.length) {
    decisions.clear();
    const again = await decideBefore(plan, before, deciding.registry, deciding.decider);
    for (const [id, decision] of again) decisions.set(id, decision);
  }
  for (const planned of selected)
    if (!decideKept(planned, decisions, earlier, deciding))
      decisions.set(planned.id, await decideAgain(planned, decisions, earlier, deciding));
  for (const { id } of after) decisions.set(id, skippedAfter(range));
  return decisions;
}

/** Keeps a completed stage whose sources are kept; returns whether it did. */
function decideKept(
  planned: PlannedStage,
  decisions: Map<string, Decision>,
  earlier: Earlier,
  { decider }: Deciding,
): boolean {
  const outputs = completeOutputs(planned, earlier);
  if (outputs === undefined || !areKept(planned, decisions)) return false;
  const fingerprint = decider.isStable(planned, decisions)
    ? unchangedFingerprint(planned.id, earlier)
    : undefined;
  decisions.set(planned.id, { kind: 'keep', outputs, ...(fingerprint && { fingerprint }) });
  return true;
}

const areKept = (planned: PlannedStage, decisions: Decisions): boolean =>
  sourcesOf(planned).every(source => decisions.get(source)?.kind === 'keep');

async function decideAgain(
  planned: PlannedStage,
  decisions: Decisions,
  earlier: Earlier,
  deciding: Deciding,
): Promise<Decision> {
  const decision = await deciding.decider.decide(planned, decisions);
  if (!areKept(planned, decisions)) return decision;
  const isFromParent = sourcesOf(planned).every(source => stageRecord(earlier, source)?.status === 'reused');
  const parentOf = (each: Earlier) => (isFromParent ? deciding.parentOf(each) : Promise.resolve(undefined));
  return resumeFrom(decision, planned, earlier, { ...deciding, parentOf });
}
