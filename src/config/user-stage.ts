import { readFile } from 'node:fs/promises';
import { Failure, type Problem } from '../core/failure.ts';
import type { AnyStage } from '../core/stage.ts';
import { thrownMessage } from '../core/thrown.ts';
import { brokenStage } from './broken-stage.ts';
import { bundleModule } from './bundle-module.ts';
import { installHint, packageOf } from './missing-package.ts';
import { pathProblem, STAGE_FILE } from './read-source.ts';
import { contractFaults } from './stage-contract.ts';
import { faultProblem } from './stage-fault.ts';
import { stageNameOf } from './stage-reference.ts';

export interface UserStage {
  readonly stage: AnyStage;
  /** Absolute paths of the file, which comes first, and of its imports from outside node_modules. */
  readonly files: readonly string[];
}

/** Why a stage's file could not be used. A problem without a location belongs where the file is named. */
export interface UserStageProblems {
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
}

/**
 * Compiles and imports a user's stage file.
 * @param path Absolute.
 * @param name For messages.
 * @param beforeLoad Called with the files before their code runs.
 */
export async function loadUserStage(
  path: string,
  name: string,
  cwd: string,
  beforeLoad?: (files: readonly string[]) => Promise<void>,
): Promise<UserStage | UserStageProblems> {
  const failed = (problem: Problem, files: readonly string[] = [path]) => ({ problems: [problem], files });
  const noFile = await pathProblem(STAGE_FILE, path, name);
  if (noFile !== undefined) return failed(noFile);
  const bundle = await bundleModule(path, cwd);
  if ('problems' in bundle) return { problems: bundle.problems, files: [path, ...bundle.files] };
  await beforeLoad?.(bundle.files);
  let stage: unknown;
  try {
    stage = (await bundle.load()).default;
  } catch (error) {
    // A missing folder for temporary files is not the stage's fault.
    if (error instanceof Failure && error.code === 'no-temporary-folder') throw error;
    return failed(loadProblem(error, name, cwd), bundle.files);
  }
  const faults = contractFaults(stage, stageNameOf(path));
  if (faults.length === 0) return { stage: stage as AnyStage, files: bundle.files };
  const text = await readFile(path, 'utf8');
  return { problems: faults.map(fault => faultProblem(fault, { name, text })), files: bundle.files };
}

/** The problem of a stage's file that throws while it loads, anything at all. */
function loadProblem(error: unknown, name: string, cwd: string): Problem {
  const missing = /^Cannot find package '([^']+)'/.exec(thrownMessage(error))?.[1];
  const hint = missing === undefined ? undefined : packageOf(missing);
  return {
    ...brokenStage(error, `stage file ${name} fails to load`, cwd),
    ...(hint !== undefined && { hint: installHint(hint) }),
  };
}
