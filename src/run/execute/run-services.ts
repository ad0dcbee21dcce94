import type { StageCache } from '../../cache/cache.ts';
import type { Artifact } from '../../core/artifacts.ts';
import type { ExperimentLookup, StageContext } from '../../core/stage.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { ExperimentWriter } from '../../registry/index.ts';
import type { Observer } from '../events.ts';
import type { StrayErrors } from './stray-errors.ts';

/** Where a run pauses: the stage by its id, and the step after which it stops. */
export interface Pause {
  readonly stage: string;
  readonly step: number;
}

/** Services of a run, shared by its stages. */
export interface RunServices extends Pick<
  StageContext,
  'signal' | 'experiments' | 'pipelineDir' | 'home' | 'env'
> {
  readonly writer: ExperimentWriter;
  /** Sends an event to the observers of the run. */
  readonly emit: Observer;
  readonly experiments: ExperimentLookup;
  readonly cwd: string;
  readonly pause?: Pause | undefined;
  /** Uncaught errors of the whole run. */
  readonly strays: StrayErrors;
  /** The cache for results; without it none are stored. */
  readonly cache?: StageCache | undefined;
  /** Identity of the TensorFlow backend that stages get. */
  readonly backend?: (() => Promise<string>) | undefined;
  /** The stage's inputs from earlier experiments; none by default. */
  readonly borrow?: () => Promise<Readonly<Record<string, Artifact>>>;
  /** Loads TensorFlow; `warn` receives warnings about it. */
  readonly tensorflow: (warn: (text: string) => void) => Promise<TensorFlow>;
}
