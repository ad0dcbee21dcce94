import { secretHash } from '../cache/fingerprint.ts';
import { isSecretVariable } from '../core/redact.ts';
import { sha256 } from '../core/sha256.ts';
import type { ExperimentLookup } from '../core/stage.ts';
import { mattersAlways } from '../host/variables.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Environment variables that a stage has read: a hash of each value by name, null for one that was not set. */
export type ReadVariables = Readonly<Record<string, string | null>>;

/**
 * What a stage reads of the environment and of other experiments while it runs: its result depends on that as well. A listing
 * of all variables, as for a child process, counts as a reading of those that may change results.
 */
export class StageReads {
  readonly #covered: ReadonlySet<string>;
  readonly #onVariable: (name: string, value: string | undefined) => void;
  #isListing = false;
  #hasLookedAtExperiments = false;

  /**
   * @param covered Names of variables whose effect the fingerprint has already.
   * @param onVariable Called at each reading of another one.
   */
  constructor(covered: Iterable<string>, onVariable: (name: string, value: string | undefined) => void) {
    this.#covered = new Set(covered);
    this.#onVariable = onVariable;
  }

  /** The environment as the stage sees it. */
  env(env: Env): Env {
    return new Proxy(env, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as string | undefined;
        if (typeof name === 'string' && !this.#isListing) this.#note(name, value);
        return value;
      },
      has: (target, name) => {
        if (typeof name === 'string') this.#note(name, target[name]);
        return Reflect.has(target, name);
      },
      ownKeys: target => {
        for (const name of Object.keys(target).filter(mattersAlways)) this.#note(name, target[name]);
        // The values that follow belong to the listing.
        this.#isListing = true;
        queueMicrotask(() => {
          this.#isListing = false;
        });
        return Reflect.ownKeys(target);
      },
    });
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

  #note(name: string, value: string | undefined): void {
    if (!this.#covered.has(name)) this.#onVariable(name, value);
  }
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
