import { Type } from 'typebox';
import { defineArtifact, type ArtifactOfDefinition } from './definition.ts';
import { Path, whole } from './parts.ts';

/** Pictures of the same noise during training: PNG files, all of one size. */
export type FramesArtifact = ArtifactOfDefinition<typeof frames>;

export type Frame = FramesArtifact['frames'][number];

const Frame = Type.Object(
  {
    /** A PNG file name within `dir`. */
    file: Path,
    epoch: Type.Number({ expected: 'a number' }),
    iteration: whole(0),
  },
  { expected: 'an object { file, epoch, iteration }' },
);

export const frames = defineArtifact('frames', {
  description: 'Pictures of the same noise during training.',
  schema: Type.Object({ frames: Type.Array(Frame, { expected: 'a list of frames' }) }),
  files: ['frames[].file'],
});
