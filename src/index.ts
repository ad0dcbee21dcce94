/** The package's public face: what a user's own stage imports from 'pipe-dl'. */
export { Type, type Static } from 'typebox';
export { defineArtifact, type ArtifactDefinition, type ArtifactFiles } from './core/artifacts/definition.ts';
export type { ArtifactOf, BuiltInKind, KindReference } from './core/artifacts/built-in.ts';
export { defineStage } from './core/stage.ts';
export type {
  ExperimentLookup,
  ExperimentView,
  IgnoredParam,
  InputsOf,
  MetricDeclaration,
  OutlinesOf,
  OutputsOf,
  ParamProblem,
  Port,
  Ports,
  StageContext,
  StageDefinition,
  StageOutline,
  StageResume,
  StoredOutput,
} from './core/stage.ts';
export { Failure, Interrupted, type FailureOptions, type Problem } from './core/failure.ts';
export { Random, deriveSeed } from './core/random.ts';
export type * from './core/artifacts.ts';
export type * from './core/events.ts';
export type * from './core/outline.ts';
export type * from './core/tensorflow.ts';
export type {
  DataType,
  LayersModel,
  NamedTensorMap,
  Rank,
  Scalar,
  Shape,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorLike,
  Variable,
} from '@tensorflow/tfjs';
export type { ExperimentRecord } from './core/experiment.ts';
