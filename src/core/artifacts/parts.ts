/** Shared parts of artifact schemas; `expected` is their wording in messages. */
import { Type, type Static } from 'typebox';
import type { Frozen } from './definition.ts';

export const Text = Type.String({ expected: 'a text' });
/** The name of a file or folder. */
export const Path = Type.String({ minLength: 1, expected: 'a path within its folder' });
export const Paths = Type.Array(Path, { expected: 'a list of paths' });
const Flag = Type.Boolean({ expected: 'true or false' });
export const whole = (minimum: number) =>
  Type.Integer({ minimum, expected: `a whole number from ${minimum} on` });
const Classes = Type.Array(Text, { minItems: 1, maxItems: 256, expected: 'a list of 1 to 256 names' });
export const ClassesOrNone = Type.Array(Text, { maxItems: 256, expected: 'a list of at most 256 names' });
const Numbers = Type.Array(Type.Number({ expected: 'a number' }), { expected: 'a list of numbers' });

/** Conversion of stored bytes to numbers, per channel: `value = byte * scale[c] + offset[c]`. */
export const Transform = Type.Object(
  {
    /** One entry per channel. */
    scale: Numbers,
    offset: Numbers,
  },
  { expected: 'an object { scale, offset }, each a list with one number per channel' },
);

export type Transform = Frozen<Static<typeof Transform>>;

/** Faults of a transform for images with a number of channels. */
export function transformFaults(transform: Transform, channels: number): readonly string[] {
  return (['scale', 'offset'] as const).flatMap(name => {
    const { length } = transform[name];
    if (length === channels) return [];
    return [`transform.${name} has ${length} numbers; expected ${channels}, as for its channels`];
  });
}

/** Fields that untrained and trained models share. */
export const ofModel = {
  /** `dcgan`, `cgan`, or the user's own name. */
  model: Text,
  latentDim: whole(1),
  /** True when labels are an input of both networks. */
  conditional: Flag,
  /** Height, width, channels of the images. */
  imageShape: Type.Tuple([whole(1), whole(1), whole(1)], { expected: 'height, width and channels' }),
  classes: Classes,
};
