import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { stageExtension, stagesDir } from '../host/paths.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import type { Decided, Decisions } from '../run/decide/decision.ts';
import type { Io } from './io.ts';

interface Planned {
  readonly plan: Plan;
  readonly decided: Decided;
}

/**
 * Plans a run. If a stage that will run needs TensorFlow and it is not set up, it is set up first, and the run is planned again:
 * what is reused depends on it. A failed set-up is reported, and the run continues without it.
 */
export async function withTensorFlow<T extends Planned>(plan: () => Promise<T>, io: Io): Promise<T> {
  const planned = await plan();
  if (planned.decided.equals !== undefined || !(await lacksTensorFlow(io))) return planned;
  const stages = stagesThatNeedIt(planned.plan, planned.decided.decisions);
  return stages.length > 0 && (await setUpFor(stages, io)) ? plan() : planned;
}

async function lacksTensorFlow({ env }: Io): Promise<boolean> {
  if (env['PIPE_SETUP'] === 'never' || env['PIPE_BACKEND'] || env['PIPE_TENSORFLOW']) return false;
  const [{ findNative, isReady }, { isSupportedPlatform }] = await Promise.all([
    import('../tensorflow/provision/find-native.ts'),
    import('../tensorflow/provision/provision.ts'),
  ]);
  const native = findNative(env);
  return isSupportedPlatform() && (native === undefined || !isReady(native));
}

const stagesThatNeedIt = ({ stages }: Plan, decisions: Decisions): readonly string[] =>
  stages
    .filter(stage => decisions.get(stage.id)?.kind === 'run' && mentionsTensorFlow(stage))
    .map(({ id }) => id);

/** True for a stage that uses TensorFlow: only `context.tensorflow()` provides it, so the word is in its code. */
function mentionsTensorFlow({ use, files }: PlannedStage): boolean {
  const code = files.length > 0 ? files : [join(stagesDir, use + stageExtension)];
  return code.some(file => /\btensorflow\b/.test(readFileSync(file, 'utf8')));
}

async function setUpFor(stages: readonly string[], io: Io): Promise<boolean> {
  const [{ setUp }, { planProvision }] = await Promise.all([
    import('./set-up.ts'),
    import('../tensorflow/provision/provision.ts'),
  ]);
  const title = `${stages.join(', ')}: TensorFlow is needed and set up first, once,`;
  try {
    await setUp(await planProvision({ env: io.env }), io, { title, again: 'the same command' });
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { printError } = await import('./print-error.ts');
    printError(error, io);
    io.stderr.write('Continuing without it. To skip the set-up: PIPE_SETUP=never\n');
    return false;
  }
}
