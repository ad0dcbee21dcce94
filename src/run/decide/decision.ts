import type { StageCache } from '../../cache/cache.ts';
import type { CacheEntry } from '../../cache/entry.ts';
import type { Artifact } from '../../core/artifacts.ts';
import type { StageRecord } from '../../core/experiment.ts';
import type { Failure } from '../../core/failure.ts';
import type { StageEnvironment, StageFingerprint } from '../fingerprint/fingerprints.ts';

/** Decision on a stage. */
export type Decision =
  /** It ended before the experiment was stopped, and stays as it is. */
  | {
      readonly kind: 'keep';
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where a run would now give a different result. */
      readonly fingerprint?: StageFingerprint;
    }
  | {
      readonly kind: 'run';
      /** The experiment's folder in which a resumable stage left the state from which it resumes. */
      readonly from?: string;
      /** The reason, as a clause that follows “will run, ”. */
      readonly reason?: string;
      /** Why it cannot run, as far as its data tells beforehand. */
      readonly wrongData?: Failure;
      /** A warning to show beforehand, such as of a damaged file. */
      readonly warning?: string;
      /** Absent where it is not known what the outputs depend on. */
      readonly fingerprint?: StageFingerprint;
      /** Whether the outputs go to the cache, in place of what is there. */
      readonly keep?: 'add' | 'replace';
      /** Environment variables that it had read when it left what it resumes from. */
      readonly variables?: StageRecord['variables'];
      /** True where it only looks at experiments, and everything that it follows is as it was. */
      readonly isReport?: boolean;
    }
  | {
      /** Its outputs are in the cache. */
      readonly kind: 'cache-hit';
      readonly entry: CacheEntry;
      /** What it would have read. */
      readonly data: StageFingerprint['data'];
      readonly covered: StageFingerprint['covered'];
    }
  | {
      /** Asked for by `--from`, though perhaps not by the same code. */
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where it is not known to be the same as what a run would give. */
      readonly fingerprint?: StageFingerprint;
      readonly backend?: string | undefined;
      readonly variables?: StageRecord['variables'];
    }
  | { readonly kind: 'skip'; readonly reason: string };

/** By stage id; a stage that is not named runs. */
export type Decisions = ReadonlyMap<string, Decision>;

/** Dependencies of decisions from the cache. */
export interface Caching {
  readonly cache: StageCache;
  readonly environment: StageEnvironment;
  /** `--force`: every stage runs. */
  readonly force?: boolean | undefined;
  /** `--force-stage`: these run, and what follows them. */
  readonly forceStages?: readonly string[] | undefined;
  /** Which TensorFlow a stage would get. */
  readonly backend: () => Promise<string>;
}

/** Decisions by stage id. */
export interface Decided {
  readonly decisions: Decisions;
  readonly caching: Caching;
  /** The experiment that a run would only make again. */
  readonly equals?: string | undefined;
  /** Remarks to show before it begins. */
  readonly notes?: readonly string[];
}
