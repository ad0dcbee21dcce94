import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { sha256 } from '../core/sha256.ts';
import type { Plan } from '../plan/plan.ts';
import type { StoredExperiment } from '../registry/index.ts';
import { stageRecord } from './stage-record.ts';
import { loadValidPlan, type Session } from './session.ts';

/**
 * The plan of an experiment's own resolved.yaml, with the paths of its pipeline file.
 * @throws Failure, exit code 2, when resolved.yaml was changed or is no longer valid.
 */
export async function loadOwnPlan(
  experiment: StoredExperiment,
  set: readonly string[],
  session: Session,
): Promise<Plan> {
  const { id, dir, record } = experiment;
  const path = join(dir, 'resolved.yaml');
  const plan = await loadValidPlan(path, set, session).catch((error: unknown) => {
    throw withMove(error, experiment, session);
  });
  const { file, resolvedSha256 } = record.pipeline;
  const text = plan.pipeline.givenText;
  if (sha256(text) !== resolvedSha256)
    throw new Failure({
      code: 'resolved-changed',
      exitCode: 2,
      message: `${path} was changed since ${id} began`,
      hint: `to run it as it is now: pipe run ${path}`,
    });
  const given = resolve(record.cwd, file);
  const own = {
    file: session.cwd === record.cwd ? file : relative(session.cwd, given),
    dir: dirname(given),
    // It is not a source: experiments made from it keep a full copy.
    sources: plan.pipeline.sources.filter(source => source !== path),
  };
  // Users' stages are absolute paths in resolved.yaml; they keep the names that the experiment has for them.
  const stages = plan.stages.map(stage => ({
    ...stage,
    use: stageRecord(experiment, stage.id)?.use ?? stage.use,
  }));
  return { stages, pipeline: { ...plan.pipeline, ...own } };
}

/** Adds a hint where the project was moved: a resolved.yaml names users' stages by absolute paths. */
function withMove(error: unknown, { id, record }: StoredExperiment, { cwd }: Session): unknown {
  if (!(error instanceof Failure) || existsSync(record.cwd)) return error;
  const { code, exitCode, message, details, problems } = error;
  const [before, now] = [printable(record.cwd), printable(cwd)];
  const hint = `${id} was run in ${before}, which is gone: put it back, or a link to where it is now: ln -s ${now} ${before}`;
  return new Failure({ code, exitCode, message, details, problems, hint });
}
