import type { Artifact } from '../core/artifacts.ts';

/** What happens to a stage when its turn comes. Settled for every stage before an experiment is claimed. */
export type Decision =
  | { readonly kind: 'run' }
  | {
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
    }
  | { readonly kind: 'skip'; readonly reason: string };

/** By stage id. */
export type Decisions = ReadonlyMap<string, Decision>;
