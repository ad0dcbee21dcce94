/**
 * Artifacts, which stages pass to each other: small JSON records that refer to files and never hold the data itself.
 * A kind of artifact is declared by `defineArtifact`; each built-in kind has a file in `src/core/artifacts/`.
 */
export type { Artifact } from './artifacts/definition.ts';
export type { AnimationArtifact } from './artifacts/animation.ts';
export type { ComparisonArtifact } from './artifacts/comparison.ts';
export type { DatasetArtifact } from './artifacts/dataset.ts';
export type { FilesArtifact } from './artifacts/files.ts';
export type { Frame, FramesArtifact } from './artifacts/frames.ts';
export type { ImagesArtifact } from './artifacts/images.ts';
export type { LayerSpec, ModelArtifact, NetworkSpec } from './artifacts/model.ts';
export type { Transform } from './artifacts/parts.ts';
export type { PredictorArtifact } from './artifacts/predictor.ts';
export type { ScoreReferenceArtifact } from './artifacts/score-reference.ts';
export type { TrainedModelArtifact } from './artifacts/trained-model.ts';
