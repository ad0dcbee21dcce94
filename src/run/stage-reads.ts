import { secretHash } from '../cache/fingerprint.ts';
import { isSecretVariable } from '../core/redact.ts';
import { sha256 } from '../core/sha256.ts';
import type { ExperimentLookup } from '../core/stage.ts';
import { watchedEnvironment, type OnVariable } from '../host/watched-environment.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Environment variables that a stage has read: a hash of each value by name, null for one that was not set. */
export type ReadVariables = Readonly<Record<string, string | null>>;

/** What a stage reads of the environment and of other experiments while it runs: its result depends on that as well. */
export class StageReads {
  readonly #covered: ReadonlySet<string>;
  readonly #onVariable: OnVariable;
  #hasLookedAtExperiments = false;

  /**
   * @param covered Names of variables whose effect the fingerprint has already.
   * @param onVariable Called at each reading of another one.
   */
  constructor(covered: Iterable<string>, onVariable: OnVariable) {
    this.#covered = new Set(covered);
    this.#onVariable = onVariable;
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

  /** A variable was read. */
  readonly note: OnVariable = (name, value) => {
    if (!this.#covered.has(name)) this.#onVariable(name, value);
  };
}

/** Hash of a variable's value, which takes long to guess it from where it looks like a secret. */
export function hashVariable(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  return isSecretVariable(name, value) ? secretHash(value) : sha256(value);
}

/** Names of the variables that are not what they were when a stage read them. */
export const changedVariables = (read: ReadVariables | undefined, env: Env): readonly string[] =>
  Object.entries(read ?? {})
    .filter(([name, hash]) => hashVariable(name, env[name]) !== hash)
    .map(([name]) => name);
