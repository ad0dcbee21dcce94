import type { ExperimentLookup } from '../../core/stage.ts';
import { watchedEnvironment, type OnVariable } from '../../host/watched-environment.ts';
import { sourcesOf, type PlannedStage } from '../../plan/plan.ts';
import type { ExperimentWriter } from '../../registry/index.ts';
import { stageRecord } from '../stage-record.ts';
import { hashVariable, type ReadVariables } from './stage-variables.ts';
import type { Env } from '../../core/env.ts';

export const LOOKED_AT_EXPERIMENTS =
  'it looked at other experiments, so later runs do not reuse its result; alwaysRun: true in its definition says so';

/** Records a stage's reads of the environment and of other experiments, which its result depends on. */
export class StageReads {
  readonly #covered: ReadonlySet<string>;
  readonly #onVariable: OnVariable;
  #hasLookedAtExperiments = false;

  /**
   * @param covered Names of variables whose effect is in the fingerprint already.
   * @param onVariable Called on each read of any other variable.
   */
  constructor(covered: Iterable<string>, onVariable: OnVariable) {
    this.#covered = new Set(covered);
    this.#onVariable = onVariable;
  }

  /** Reads of a stage, with its variables kept in its record. */
  static into(writer: ExperimentWriter, stage: string, covered: Iterable<string> = []): StageReads {
    return new StageReads(covered, (name, value) => {
      if (stageRecord(writer, stage)?.variables?.[name] !== undefined) return;
      writer.setVariables(stage, { [name]: hashVariable(name, value) });
    });
  }

  /** The environment as the stage sees it. */
  env(env: Env): Env {
    return watchedEnvironment(env, this.note);
  }

  /** Other experiments as the stage sees them. */
  experiments(lookup: ExperimentLookup): ExperimentLookup {
    return {
      find: reference => {
        this.#hasLookedAtExperiments = true;
        return lookup.find(reference);
      },
      current: () => lookup.current(),
    };
  }

  get hasLookedAtExperiments(): boolean {
    return this.#hasLookedAtExperiments;
  }

  /** Notes that a variable was read. */
  readonly note: OnVariable = (name, value) => {
    if (!this.#covered.has(name)) this.#onVariable(name, value);
  };
}

/**
 * Variables that a stage's result depends on before it begins: those of its sources, and those read before the state that it
 * resumes from.
 */
export function variablesBefore(
  planned: PlannedStage,
  resumed: ReadVariables | undefined,
  writer: ExperimentWriter,
): { readonly variables?: Record<string, string | null> } {
  const followed = sourcesOf(planned).map(source => stageRecord(writer, source)?.variables);
  const variables = Object.assign({}, ...followed, resumed) as Record<string, string | null>;
  return Object.keys(variables).length === 0 ? {} : { variables };
}
