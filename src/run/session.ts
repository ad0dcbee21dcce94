import { invalidPipeline } from '../config/problems.ts';
import { collectEnvironment } from '../host/environment.ts';
import { collectGit } from '../host/git.ts';
import { pipeHome } from '../host/paths.ts';
import { loadPlan, type LoadPlanResult } from '../plan/load-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Range } from '../plan/select.ts';
import { experimentsDir } from '../registry/location.ts';
import { openRegistry } from '../registry/registry.ts';
import type { Registry } from '../registry/types.ts';
import type { Cancellation } from './cancel.ts';
import { decideStages, type Decisions } from './decide.ts';
import type { Display } from './display.ts';
import { runPlan, type Beginning, type RunOutcome } from './run-plan.ts';

/** Where a command runs, and what it was told about where to keep experiments. */
export interface Session {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--experiments`. */
  readonly experiments: string | undefined;
  /** The command line, for the record. */
  readonly command: readonly string[];
}

/** Reads, checks and plans a pipeline file with `--set`'s arguments. */
export function load(
  file: string,
  set: readonly string[],
  session: Pick<Session, 'cwd' | 'env'>,
): Promise<LoadPlanResult> {
  // Users' stages are compiled: the stack of a bug in one should name their own files and lines.
  process.setSourceMapsEnabled(true);
  return loadPlan(file, { set, env: session.env, cwd: session.cwd });
}

/** The same for a pipeline that must be valid. @throws Failure with every problem, exit code 2. */
export async function loadValidPlan(
  file: string,
  set: readonly string[],
  session: Pick<Session, 'cwd' | 'env'>,
): Promise<Plan> {
  const result = await load(file, set, session);
  if (!result.ok) throw invalidPipeline(file, result.problems);
  return result.plan;
}

export const registryOf = (session: Session): Registry =>
  openRegistry(experimentsDir(session.experiments, session));

/** What would happen to each stage. @throws Failure, exit code 2, when it cannot be. */
export function decide(plan: Plan, range: Range, session: Session): Promise<Decisions> {
  return decideStages(plan, range, registryOf(session));
}

/** Claims an experiment, or reopens one, and runs the plan on this machine. */
export async function execute(
  plan: Plan,
  decisions: Decisions,
  session: Session,
  show: { readonly display: Display; readonly cancellation: Cancellation },
  beginning?: Beginning,
): Promise<RunOutcome> {
  const { cwd, env, command } = session;
  const [environment, git] = await Promise.all([collectEnvironment(), collectGit(cwd)]);
  const deps = {
    ...show,
    registry: registryOf(session),
    loadTensorFlow: async () => {
      const { loadTensorFlow } = await import('../tensorflow/index.ts');
      return loadTensorFlow({ env });
    },
    provenance: { command, cwd, git, environment },
    home: pipeHome(env),
    env,
  };
  return runPlan(plan, decisions, deps, beginning);
}
