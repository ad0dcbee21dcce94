/** The package's public API, which users' stages import from 'pipe-dl'. */
export { Type, type Static } from 'typebox';
export { defineArtifact, type ArtifactDefinition, type ArtifactFiles } from './core/artifacts/definition.ts';
export type { ArtifactOf, BuiltInKind, KindReference } from './core/artifacts/built-in.ts';
export { defineStage } from './core/stage.ts';
export type { InputsOf, OutlinesOf, OutputsOf, Port, Ports } from './core/ports.ts';
export type {
  BorrowedInput,
  ExperimentLookup,
  ExperimentView,
  IgnoredParam,
  MetricDeclaration,
  OmittedOutput,
  ParamProblem,
  Resumable,
  ResumeChange,
  ResumeObstacle,
  StageContext,
  StageDefinition,
  StageOutline,
  StageResume,
  StoredOutput,
} from './core/stage.ts';
export { Failure, Interrupted, Paused, type FailureOptions, type Problem } from './core/failure.ts';
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

// Training; see docs/training.md.
export { withDataset, type Batch, type Dataset } from './data/dataset.ts';
export { forward, type ForwardOptions, type ForwardResult } from './models/forward.ts';
export { bindImageNetwork } from './models/image-network.ts';
export { oneHotLabels } from './models/labels.ts';
export { loadLayersModel } from './models/load-layers-model.ts';
export type { Network } from './models/network.ts';
export { networkParam } from './models/schema.ts';
export { toNumbers } from './models/to-numbers.ts';
export { Batches, type BatchPlan } from './training/batches.ts';
export { drawImages } from './training/draw-images.ts';
export { dropoutSeed, imageInputs, imageNumbers, scalarInput } from './training/feed.ts';
export * as losses from './training/losses.ts';
export { trainLoop, type LoopOptions, type LoopResult, type TrainingObserver } from './training/loop.ts';
export { networkStep, type NetworkPass, type NetworkStepOptions } from './training/network-step.ts';
export { adam, adamw, type AdamSettings, type AdamwSettings } from './training/optimizers/adam.ts';
export { clipByGlobalNorm } from './training/optimizers/clip.ts';
export type { Optimizer, OptimizerUpdate, WeightShapes } from './training/optimizers/optimizer.ts';
export { rmsprop, type RmspropSettings } from './training/optimizers/rmsprop.ts';
export { sgd, type SgdSettings } from './training/optimizers/sgd.ts';
export { trainingParams, trainingResumable } from './training/params.ts';
export { predict } from './training/predict.ts';
export { runTraining, type RunTrainingOptions, type TrainingResult } from './training/run-training.ts';
export { saveNetwork } from './training/save-network.ts';
export { scheduleOf, type ScheduledTraining, type ScheduleSpec } from './training/schedule-param.ts';
export type { Schedule } from './training/schedules.ts';
export * as schedules from './training/schedules.ts';
export type * from './training/task.ts';
export {
  optimizerState,
  updateNetwork,
  weightState,
  type NetworkLoss,
  type NetworkUpdate,
  type Trainee,
} from './training/update.ts';
