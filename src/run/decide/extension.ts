import { Failure } from '../../core/failure.ts';
import { resumableOf, resumeObstacle, runsEveryTime } from '../../core/stage-functions.ts';
import { sourcesOf, type Plan, type PlannedStage } from '../../plan/plan.ts';
import type { Range } from '../../plan/select.ts';
import { partsOf, skippedAfter } from './decide.ts';
import type { Decision, Decisions } from './decision.ts';
import {
  changedParameters,
  completeOutputs,
  unchangedFingerprint,
  type ChangedParameter,
  type Earlier,
} from './earlier.ts';
import { stageRecord } from '../stage-record.ts';
import { findRemains, resumeFrom, type Deciding } from './resume-from.ts';

/**
 * Decisions for a new experiment that extends another one: unchanged stages are taken over, a resumable stage resumes, the rest
 * runs.
 * @throws Failure for a change that makes it a different experiment.
 */
export async function decideExtension(
  plan: Plan,
  earlier: Earlier,
  range: Range,
  deciding: Deciding,
): Promise<Decisions> {
  const { seed } = plan.pipeline;
  if (seed !== earlier.record.seed)
    throw withAnother(
      { name: 'seed', parameter: 'seed', change: `${earlier.record.seed} → ${seed}` },
      earlier,
    );
  const { before, selected, after } = partsOf(plan, range);
  const decisions = new Map<string, Decision>();
  const same = new Set<string>();
  for (const planned of [...before, ...selected]) {
    const isSame = sourcesOf(planned).every(source => same.has(source));
    const changed = changedParameters(planned, earlier);
    const decision = await deciding.decider.decide(planned, decisions);
    const taken =
      isSame && changed.length === 0 ? takeOver(planned, decision, decisions, earlier, deciding) : undefined;
    if (taken !== undefined) same.add(planned.id);
    else if (planned.stage.resumable !== undefined) {
      checkExtends(planned, changed, isSame, plan, earlier);
      if (isSame) await checkObstacle(planned, earlier, deciding);
    }
    decisions.set(
      planned.id,
      taken ?? (isSame ? await resumeFrom(decision, planned, earlier, deciding) : decision),
    );
  }
  for (const { id } of after) decisions.set(id, skippedAfter(range));
  return decisions;
}

/** The outputs of an unchanged stage: from the cache, or from where they are. */
function takeOver(
  planned: PlannedStage,
  decision: Decision,
  decisions: Decisions,
  earlier: Earlier,
  { decider }: Deciding,
): Decision | undefined {
  const { id } = planned;
  const outputs = completeOutputs(planned, earlier);
  if (outputs === undefined || runsEveryTime(planned)) return undefined;
  const { fingerprint: then, backend, variables } = stageRecord(earlier, id) ?? {};
  if (decision.kind === 'cache-hit' && decision.entry.fingerprint === then) return decision;
  const fingerprint = decider.isStable(planned, decisions) ? unchangedFingerprint(id, earlier) : undefined;
  const known = { backend, variables, ...(fingerprint && { fingerprint }) };
  return { kind: 'reuse', experiment: earlier.id, outputs, ...known };
}

function checkExtends(
  { id, stage }: PlannedStage,
  changed: readonly ChangedParameter[],
  isSame: boolean,
  { stages }: Plan,
  earlier: Earlier,
): void {
  const free = resumableOf(stage)?.parameters ?? [];
  const obstacle = changed.find(({ parameter }) => !free.includes(parameter));
  if (obstacle !== undefined) throw withAnother(obstacle, earlier);
  const above = stages.slice(
    0,
    stages.findIndex(other => other.id === id),
  );
  const [upstream] = above.flatMap(other => changedParameters(other, earlier));
  if (!isSame && upstream !== undefined) throw withAnother(upstream, earlier);
}

/** @throws Failure when the stage itself reports that it cannot resume from its state. */
async function checkObstacle(planned: PlannedStage, experiment: Earlier, deciding: Deciding): Promise<void> {
  const { id, bindings } = planned;
  const remains = await findRemains(id, experiment, deciding);
  if (remains === undefined) return;
  const inputs = Object.fromEntries(
    Object.entries(bindings).map(([input, { stage, output }]) => [
      input,
      experiment.outputs.get(stage)?.[output],
    ]),
  );
  const { earlier, outputDir } = remains;
  const found = await resumeObstacle(planned, { then: earlier.params(id), inputs, outputDir });
  if (found !== undefined) throw notAnExtension(experiment, `: ${found.reason}`, found.hint);
}

const withAnother = ({ name, change }: ChangedParameter, earlier: Earlier): Failure =>
  notAnExtension(earlier, ` with a different ${name} (${change}): that is a different experiment`);

function notAnExtension(
  { id, record }: Earlier,
  why: string,
  hint = `run it from its beginning: pipe run ${record.pipeline.file} --set …`,
): Failure {
  return new Failure({
    code: 'not-an-extension',
    exitCode: 2,
    message: `${id} cannot be trained further${why}`,
    hint,
  });
}
