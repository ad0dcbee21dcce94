import type { PipelineStage, ValidPipeline } from '../config/pipeline.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import { portsOf, recordedKinds, type Ports } from '../core/ports.ts';

/** The source of an input: an output of an earlier stage. */
export interface Binding {
  readonly stage: string;
  readonly output: string;
}

export interface PlannedStage extends PipelineStage {
  /** Every input that is bound; an optional input without a source is absent. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** The stage's own seed. */
  readonly stageSeed: number;
}

/** The stages to run, in an order in which every input exists before it is needed. */
export interface Plan {
  readonly pipeline: ValidPipeline;
  readonly stages: readonly PlannedStage[];
}

/** Ids of the stages that a stage's inputs come from, once for each input. */
export const sourcesOf = ({ bindings }: PlannedStage): readonly string[] =>
  Object.values(bindings).map(({ stage }) => stage);

/** The user's own kinds of a stage's outputs, in recorded form. */
export const kindsOf = ({ stage }: PlannedStage): Readonly<Record<string, RecordedKind>> =>
  recordedKinds(portsOf(stage.outputs as Ports));
