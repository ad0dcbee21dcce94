/** What an artifact of each kind must hold; `expected` says so to people. */
import { Type, type TSchema } from 'typebox';
import type { ArtifactKind } from './artifacts.ts';

const Text = Type.String({ expected: 'a text' });
const Path = Type.String({ minLength: 1, expected: 'a path within its folder' });
const from = (minimum: number) => Type.Integer({ minimum, expected: `a whole number from ${minimum} on` });
const Classes = Type.Array(Text, { minItems: 1, maxItems: 256, expected: 'a list of 1 to 256 names' });
const Numbers = Type.Array(Type.Number({ expected: 'a number' }), { expected: 'a list of numbers' });
const Transform = Type.Object(
  { scale: Numbers, offset: Numbers },
  { expected: 'an object { scale, offset }, a list with a number per channel each' },
);
const Shape = Type.Array(from(1), { minItems: 3, maxItems: 3, expected: 'height, width and channels' });
const Flag = Type.Boolean({ expected: 'true or false' });
const Network = Type.Object(
  {
    layers: Type.Array(Type.Object({ use: Text }, { expected: 'a layer { use, … }' }), {
      minItems: 1,
      expected: 'a list of layers',
    }),
  },
  { expected: 'an object { layers }' },
);
const Frame = Type.Object(
  { file: Path, epoch: Type.Number({ expected: 'a number' }), iteration: from(0) },
  { expected: 'an object { file, epoch, iteration }' },
);
const Paths = Type.Array(Path, { expected: 'a list of paths' });

const ofModel = {
  model: Text,
  latentDim: from(1),
  conditional: Flag,
  imageShape: Shape,
  classes: Classes,
};

/** Without `kind` and `dir`, which all have. */
export const ARTIFACT_SCHEMAS: Readonly<Record<ArtifactKind, TSchema>> = {
  dataset: Type.Object({
    images: Path,
    labels: Path,
    count: from(1),
    height: from(1),
    width: from(1),
    channels: from(1),
    classes: Classes,
    source: Text,
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', expected: '64 hexadecimal digits' }),
    transform: Transform,
  }),
  model: Type.Object({
    ...ofModel,
    generator: Network,
    discriminator: Network,
    seed: Type.Integer({ expected: 'a whole number' }),
  }),
  'trained-model': Type.Object({
    ...ofModel,
    generator: Path,
    discriminator: Path,
    transform: Transform,
    iterations: from(0),
  }),
  frames: Type.Object({ frames: Type.Array(Frame, { expected: 'a list of frames' }) }),
  images: Type.Object({ files: Paths }),
  animation: Type.Object({ file: Path }),
  comparison: Type.Object({ markdown: Path, json: Path }),
  files: Type.Object({ files: Paths }),
};
