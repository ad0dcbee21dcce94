import { Type, type Static } from 'typebox';
import { defineArtifact, type ArtifactFiles, type ArtifactOfDefinition, type Frozen } from './definition.ts';
import { ClassesOrNone, Path, Text, Transform, transformFaults, whole } from './parts.ts';

/**
 * Examples to learn from. Pictures are uint8 bytes in one file, `[count, height, width, channels]`; other examples are numbers,
 * float32, `[count, …shape]`. Each has a label byte, or, for regression, target numbers.
 */
export type DatasetArtifact = ArtifactOfDefinition<typeof dataset>;

const schema = Type.Object({
  /** Raw uint8 pixels, NHWC, no header, `count * height * width * channels` bytes; or as many little-endian float32 numbers. */
  images: Path,
  /** Raw uint8 labels, `count` bytes, each below `classes.length`; all 0 where there are targets. */
  labels: Path,
  count: whole(1),
  /** Of examples that are no pictures: the product of all axes of `shape` but the last, 1, and the last one. */
  height: whole(1),
  width: whole(1),
  channels: whole(1),
  /** None where there are targets. */
  classes: ClassesOrNone,
  /** Where the examples are no pictures but float32 numbers: the shape of one, such as `[features]`. */
  shape: Type.Optional(Type.Array(whole(1), { minItems: 1, expected: 'a list of sizes' })),
  /** Names of the numbers of the last axis, such as the columns of a table. */
  features: Type.Optional(Type.Array(Text, { expected: 'a list of names' })),
  /** Numbers to predict, for regression. */
  targets: Type.Optional(
    Type.Object(
      {
        /** Little-endian float32, `[count, names.length]`. */
        file: Path,
        names: Type.Array(Text, { minItems: 1, expected: 'a list of names' }),
      },
      { expected: 'an object { file, names }' },
    ),
  ),
  /** Origin, for the record: `cifar-10 <path>`, `synthetic`, `images <path>`. */
  source: Text,
  /** sha256 (hex) over the bytes of the images, then those of the labels, then those of the targets. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', expected: '64 hexadecimal digits' }),
  /** The identity (`scale 1, offset 0`) until a normalize stage sets it. */
  transform: Transform,
});

type Fields = Frozen<Static<typeof schema>>;

export const dataset = defineArtifact('dataset', {
  description: 'Labelled images, or other examples.',
  schema,
  files: ['images', 'labels', 'targets.file'],
  provenance: ['source'],
  async check(artifact, files) {
    const faults = [
      ...transformFaults(artifact.transform, artifact.channels),
      ...shapeFaults(artifact),
      ...sizeFaults(artifact, files),
    ];
    if (faults.length > 0 || !files.areNew) return faults;
    return labelFaults(artifact, files);
  },
});

function shapeFaults({
  shape,
  height,
  width,
  channels,
  features,
  targets,
  classes,
}: Fields): readonly string[] {
  const faults: string[] = [];
  if (shape !== undefined) {
    const last = shape[shape.length - 1];
    const others = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    if (height !== others || width !== 1 || channels !== last)
      faults.push(
        `shape is [${shape.join(', ')}] and height × width × channels ${height} × ${width} × ${channels}; expected ${others} × 1 × ${last}`,
      );
  }
  if (features !== undefined && features.length !== channels)
    faults.push(`features has ${features.length} names; expected ${channels}, as the last axis has`);
  if (targets === undefined && classes.length === 0)
    faults.push('classes is empty; expected at least one name, or targets');
  if (targets !== undefined && classes.length > 0)
    faults.push(`classes has ${classes.length} names beside targets; expected none`);
  return faults;
}

/** Bytes of a number: that of a pixel, or of a float32. */
export const bytesPerNumber = ({ shape }: { readonly shape?: unknown }): number =>
  shape === undefined ? 1 : 4;

/** Bytes of a picture or another example. */
export const bytesPerExample = (artifact: Pick<Fields, 'shape' | 'height' | 'width' | 'channels'>): number =>
  artifact.height * artifact.width * artifact.channels * bytesPerNumber(artifact);

function sizeFaults(artifact: Fields, files: ArtifactFiles): readonly string[] {
  const { images, labels, targets, count, height, width, channels } = artifact;
  const expected = count * bytesPerExample(artifact);
  const sizes = { images: files.size(images), labels: files.size(labels) };
  const faults: string[] = [];
  if (sizes.images !== expected) {
    const shape = [count, ...(artifact.shape ?? [height, width, channels])].join(' × ');
    const numbers = artifact.shape === undefined ? '' : ' numbers of 4 bytes';
    faults.push(
      `images is ${images} of ${sizes.images} bytes; expected ${expected}, which is ${shape}${numbers}`,
    );
  }
  if (sizes.labels !== count)
    faults.push(`labels is ${labels} of ${sizes.labels} bytes; expected ${count}, one for each image`);
  if (targets === undefined) return faults;
  const [found, wanted] = [files.size(targets.file), 4 * count * targets.names.length];
  if (found !== wanted)
    faults.push(
      `targets.file is ${targets.file} of ${found} bytes; expected ${wanted}, which is ${count} × ${targets.names.length} numbers of 4 bytes`,
    );
  return faults;
}

/** The fault of the first label without a class. */
async function labelFaults(
  { labels, classes, targets }: Fields,
  files: ArtifactFiles,
): Promise<readonly string[]> {
  if (targets !== undefined) return [];
  let start = 0;
  for await (const bytes of files.read(labels)) {
    const index = bytes.findIndex(byte => byte >= classes.length);
    if (index >= 0)
      return [
        `labels has ${bytes[index]} for image ${start + index}; expected less than ${classes.length}, the number of its classes`,
      ];
    start += bytes.length;
  }
  return [];
}
