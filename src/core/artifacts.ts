import { unreachable } from './failure.ts';

/**
 * What stages hand to each other: small JSON records that refer to files, never the data itself.
 *
 * File names in an artifact are relative to its `dir`. In memory `dir` is absolute; on disk the runner stores it
 * relative to the experiment, so that an experiment can be moved or copied as a folder.
 */

/** How stored bytes become numbers, per channel: `value = byte * scale[c] + offset[c]`. */
export interface Transform {
  /** One entry per channel. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** Labelled images: uint8 bytes in one file, `[count, height, width, channels]`, and one label byte per image. */
export interface DatasetArtifact {
  readonly kind: 'dataset';
  readonly dir: string;
  /** Raw uint8 pixels, NHWC, no header: `count * height * width * channels` bytes. */
  readonly images: string;
  /** Raw uint8 labels, `count` bytes, each below `classes.length`. */
  readonly labels: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: readonly string[];
  /** Where it came from, for the record: `cifar-10 <path>`, `synthetic`, `images <path>`. */
  readonly source: string;
  /** sha256 (hex) over the image bytes, then the label bytes. */
  readonly sha256: string;
  /** The identity (`scale 1, offset 0`) until a normalize stage sets it. */
  readonly transform: Transform;
}

/** One layer of a network as written in YAML: `use` is the layer type, the rest its parameters. */
export interface LayerSpec {
  readonly use: string;
  readonly [parameter: string]: unknown;
}

/** A network: its layers in order. */
export interface NetworkSpec {
  readonly layers: readonly LayerSpec[];
}

/** Untrained networks, checked against a data set's shape and classes. No weights: they follow from the seed. */
export interface ModelArtifact {
  readonly kind: 'model';
  readonly dir: string;
  /** `dcgan`, `cgan`, or the user's own name. */
  readonly model: string;
  readonly latentDim: number;
  /** True when labels are an input of both networks. */
  readonly conditional: boolean;
  /** Height, width, channels of the images. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly generator: NetworkSpec;
  readonly discriminator: NetworkSpec;
  /** Seed of the initial weights. */
  readonly seed: number;
}

/**
 * Trained networks as TensorFlow.js layers models: `<dir>/<generator>/model.json` opens with `tf.loadLayersModel`.
 * A conditional generator takes `[z [B, latentDim], oneHot [B, classes]]`, another `z [B, latentDim]`;
 * it answers `[B, height, width, channels] float32` in the data set's transformed range.
 */
export interface TrainedModelArtifact {
  readonly kind: 'trained-model';
  readonly dir: string;
  readonly model: string;
  readonly latentDim: number;
  readonly conditional: boolean;
  readonly imageShape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** Folder names within `dir`. */
  readonly generator: string;
  readonly discriminator: string;
  /** Inverted to draw images. */
  readonly transform: Transform;
  readonly iterations: number;
}

export interface Frame {
  /** A PNG file name within `dir`. */
  readonly file: string;
  readonly epoch: number;
  readonly iteration: number;
}

/** Pictures of the same noise as training goes on: PNG files, all of one size. */
export interface FramesArtifact {
  readonly kind: 'frames';
  readonly dir: string;
  readonly frames: readonly Frame[];
}

/** Pictures for people. */
export interface ImagesArtifact {
  readonly kind: 'images';
  readonly dir: string;
  readonly files: readonly string[];
}

/** One animated GIF. */
export interface AnimationArtifact {
  readonly kind: 'animation';
  readonly dir: string;
  readonly file: string;
}

/** A comparison of experiments as Markdown and JSON. */
export interface ComparisonArtifact {
  readonly kind: 'comparison';
  readonly dir: string;
  readonly markdown: string;
  readonly json: string;
}

/** Anything else, for users' own stages: files in a folder. */
export interface FilesArtifact {
  readonly kind: 'files';
  readonly dir: string;
  readonly files: readonly string[];
}

export type Artifact =
  | DatasetArtifact
  | ModelArtifact
  | TrainedModelArtifact
  | FramesArtifact
  | ImagesArtifact
  | AnimationArtifact
  | ComparisonArtifact
  | FilesArtifact;

/**
 * The names of files and folders in an artifact, in whatever its fields hold: it may come from a file that somebody edited, or
 * from a user's stage.
 */
export function namesIn(artifact: Artifact): readonly unknown[] {
  switch (artifact.kind) {
    case 'dataset':
      return [artifact.images, artifact.labels];
    case 'model':
      return [];
    case 'trained-model':
      return [artifact.generator, artifact.discriminator];
    case 'frames':
      return listed(artifact.frames).map(frame => (frame as Partial<Frame> | null)?.file);
    case 'images':
    case 'files':
      return listed(artifact.files);
    case 'animation':
      return [artifact.file];
    case 'comparison':
      return [artifact.markdown, artifact.json];
    default:
      return unreachable(artifact);
  }
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** True for a path within a folder, relative: it does not lead out of it, as written. */
export function isWithin(name: unknown): name is string {
  if (typeof name !== 'string' || name.includes('\0') || /^([/\\]|[a-z]:)/i.test(name)) return false;
  let depth = 0;
  for (const part of name.split(/[/\\]/)) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}

export type ArtifactKind = Artifact['kind'];

export type ArtifactOf<K extends ArtifactKind> = Extract<Artifact, { kind: K }>;

export const ARTIFACT_KINDS = [
  'dataset',
  'model',
  'trained-model',
  'frames',
  'images',
  'animation',
  'comparison',
  'files',
] as const satisfies readonly ArtifactKind[];

/** Fields that tell where something came from and nothing of what it is: two that differ in these alone are equal. */
export const PROVENANCE_FIELDS: Readonly<Partial<Record<ArtifactKind, readonly string[]>>> = {
  dataset: ['source'],
};
