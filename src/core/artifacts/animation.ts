import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Path } from './parts.ts';

/** One animated GIF. */
export type AnimationArtifact = ArtifactOfDefinition<typeof animation>;

export const animation = defineArtifact('animation', {
  description: 'One animated GIF.',
  schema: Type.Object({ file: Path }),
  files: ['file'],
});
