import { animation } from './animation.ts';
import { comparison } from './comparison.ts';
import { dataset } from './dataset.ts';
import type { ArtifactDefinition, ArtifactOfDefinition } from './definition.ts';
import { files } from './files.ts';
import { frames } from './frames.ts';
import { images } from './images.ts';
import { model } from './model.ts';
import { predictor } from './predictor.ts';
import { scoreReference } from './score-reference.ts';
import { trainedModel } from './trained-model.ts';

/** Built-in kinds, which stages name without importing a definition. */
export const BUILT_IN_KINDS = {
  dataset,
  model,
  'trained-model': trainedModel,
  predictor,
  'score-reference': scoreReference,
  frames,
  images,
  animation,
  comparison,
  files,
} as const;

export type BuiltInKind = keyof typeof BUILT_IN_KINDS;

type BuiltInArtifact<K extends BuiltInKind> = ArtifactOfDefinition<(typeof BUILT_IN_KINDS)[K]>;

export const isBuiltIn = (kind: string): kind is BuiltInKind => Object.hasOwn(BUILT_IN_KINDS, kind);

/** A kind as stages name it: a built-in one by its name, any other by its definition. */
export type KindReference = BuiltInKind | ArtifactDefinition;

/** The artifact of a kind: `ArtifactOf<'dataset'>`, `ArtifactOf<typeof embedding>`. */
export type ArtifactOf<R extends KindReference> = R extends BuiltInKind
  ? BuiltInArtifact<R>
  : R extends ArtifactDefinition
    ? ArtifactOfDefinition<R>
    : never;

export const definitionOf = (reference: KindReference): ArtifactDefinition =>
  typeof reference === 'string' ? BUILT_IN_KINDS[reference] : reference;
