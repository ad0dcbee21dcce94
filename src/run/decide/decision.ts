import type { StageCache } from '../../cache/cache.ts';
import type { CacheEntry } from '../../cache/entry.ts';
import type { Artifact } from '../../core/artifacts.ts';
import type { StageRecord } from '../../core/experiment.ts';
import type { Failure } from '../../core/failure.ts';
import type { StageEnvironment, StageFingerprint } from '../fingerprint/fingerprints.ts';

/** Decision for one stage. */
export type Decision =
  /** The stage completed before the experiment was stopped, and stays unchanged. */
  | {
      readonly kind: 'keep';
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where a run would now give a different result. */
      readonly fingerprint?: StageFingerprint;
    }
  | {
      readonly kind: 'run';
      /** The folder of the experiment whose state the stage resumes from. */
      readonly from?: string;
      /** The reason, as a clause that follows “will run, ”. */
      readonly reason?: string;
      /** Why it cannot run, as far as its data shows in advance. */
      readonly wrongData?: Failure;
      /** A warning to show beforehand, such as of a damaged file. */
      readonly warning?: string;
      /** Absent where the dependencies of the outputs are unknown. */
      readonly fingerprint?: StageFingerprint;
      /** Set if the outputs go to the cache, in place of an existing entry or not. */
      readonly keep?: 'add' | 'replace';
      /** Environment variables that it had read before the state that it resumes from. */
      readonly variables?: StageRecord['variables'];
      /** True where it only reads experiments and all its sources are unchanged. */
      readonly isReport?: boolean;
    }
  | {
      /** Its outputs are in the cache. */
      readonly kind: 'cache-hit';
      readonly entry: CacheEntry;
      /** The data that it would read. */
      readonly data: StageFingerprint['data'];
      readonly covered: StageFingerprint['covered'];
      readonly borrowed: StageFingerprint['borrowed'];
    }
  | {
      /** Requested by `--from`; its code may differ. */
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where a run might give a different result. */
      readonly fingerprint?: StageFingerprint;
      readonly backend?: string | undefined;
      readonly variables?: StageRecord['variables'];
    }
  | { readonly kind: 'skip'; readonly reason: string };

/** Decisions by stage id; other stages run. */
export type Decisions = ReadonlyMap<string, Decision>;

/** Dependencies of decisions from the cache. */
export interface Caching {
  readonly cache: StageCache;
  readonly environment: StageEnvironment;
  /** `--force`: every stage runs. */
  readonly force?: boolean | undefined;
  /** `--force-stage`: these stages run, and those that follow them. */
  readonly forceStages?: readonly string[] | undefined;
  /** Identity of the TensorFlow backend that a stage would get. */
  readonly backend: () => Promise<string>;
}

/** Decisions, and what was found on the way. */
export interface Decided {
  readonly decisions: Decisions;
  readonly caching: Caching;
  /** The experiment that a run would only repeat. */
  readonly equals?: string | undefined;
  /** Remarks to show before the run. */
  readonly notes?: readonly string[];
}
