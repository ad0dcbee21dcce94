import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Paths } from './parts.ts';

/** Files in a folder, of which nothing else is known. */
export type FilesArtifact = ArtifactOfDefinition<typeof files>;

export const files = defineArtifact('files', {
  description: 'Files in a folder.',
  schema: Type.Object({ files: Paths }),
  files: ['files[]'],
});
