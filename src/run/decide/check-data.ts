import { missingPaths } from '../../config/missing-paths.ts';
import { invalidPipeline } from '../../config/problems.ts';
import type { Failure, Problem } from '../../core/failure.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import type { Decisions } from './decision.ts';

/**
 * Checks the data of the stages that will run; reused ones need none.
 * @throws Failure, exit code 2, that names all data that is missing or not what a stage needs.
 */
export function checkData({ stages, pipeline }: Plan, decisions: Decisions, cwd: string): void {
  const problems = stages.flatMap(stage => {
    const decision = decisions.get(stage.id) ?? { kind: 'run' };
    if (decision.kind !== 'run') return [];
    const missing = missingPaths(stage, [cwd, pipeline.dir]);
    if (missing.length > 0 || decision.wrongData === undefined) return missing;
    return [wrongData(stage, decision.wrongData)];
  });
  if (problems.length > 0) throw invalidPipeline(pipeline.file, problems);
}

const wrongData = (
  { location, locate, borrowed: [borrowed] = [] }: PlannedStage,
  { code, message, details, hint }: Failure,
): Problem => ({
  code,
  message: [message, ...details].join('. '),
  location: borrowed === undefined ? location : locate(borrowed.because),
  ...(hint !== undefined && { hint }),
});
