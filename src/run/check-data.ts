import { missingPaths } from '../config/missing-paths.ts';
import { invalidPipeline } from '../config/problems.ts';
import type { Plan } from '../plan/plan.ts';
import type { Decisions } from './decide.ts';

/**
 * Looks for the data of the stages that will run; what is reused needs none.
 * @throws Failure, exit code 2, that names every file and folder that is not there.
 */
export function checkData({ stages, pipeline }: Plan, decisions: Decisions, cwd: string): void {
  const running = stages.filter(({ id }) => (decisions.get(id)?.kind ?? 'run') === 'run');
  const problems = running.flatMap(stage => missingPaths(stage, [cwd, pipeline.dir]));
  if (problems.length > 0) throw invalidPipeline(pipeline.file, problems);
}
