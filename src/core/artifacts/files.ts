import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Paths } from './parts.ts';

/** Files in a folder, without further structure. */
export type FilesArtifact = ArtifactOfDefinition<typeof files>;

export const files = defineArtifact('files', {
  description: 'Files in a folder.',
  schema: Type.Object({ files: Paths }),
  files: ['files[]'],
});
