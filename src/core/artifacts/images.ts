import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Paths } from './parts.ts';

/** Pictures for people. */
export type ImagesArtifact = ArtifactOfDefinition<typeof images>;

export const images = defineArtifact('images', {
  description: 'Pictures for people.',
  schema: Type.Object({ files: Paths }),
  files: ['files[]'],
});
