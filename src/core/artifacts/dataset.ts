import { Type, type Static } from 'typebox';
import { defineArtifact, type ArtifactFiles, type ArtifactOfDefinition, type Frozen } from './definition.ts';
import { Classes, Path, Text, Transform, transformFaults, whole } from './parts.ts';

/** Labelled images: uint8 bytes in one file, `[count, height, width, channels]`, and one label byte per image. */
export type DatasetArtifact = ArtifactOfDefinition<typeof dataset>;

const schema = Type.Object({
  /** Raw uint8 pixels, NHWC, no header: `count * height * width * channels` bytes. */
  images: Path,
  /** Raw uint8 labels, `count` bytes, each below `classes.length`. */
  labels: Path,
  count: whole(1),
  height: whole(1),
  width: whole(1),
  channels: whole(1),
  classes: Classes,
  /** Origin, for the record: `cifar-10 <path>`, `synthetic`, `images <path>`. */
  source: Text,
  /** sha256 (hex) over the image bytes, then the label bytes. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', expected: '64 hexadecimal digits' }),
  /** The identity (`scale 1, offset 0`) until a normalize stage sets it. */
  transform: Transform,
});

type Fields = Frozen<Static<typeof schema>>;

export const dataset = defineArtifact('dataset', {
  description: 'Labelled images.',
  schema,
  files: ['images', 'labels'],
  provenance: ['source'],
  async check(artifact, files) {
    const faults = [
      ...transformFaults(artifact.transform, artifact.channels),
      ...sizeFaults(artifact, files),
    ];
    if (faults.length > 0 || !files.areNew) return faults;
    return labelFaults(artifact, files);
  },
});

function sizeFaults(artifact: Fields, files: ArtifactFiles): readonly string[] {
  const { images, labels, count, height, width, channels } = artifact;
  const bytes = count * height * width * channels;
  const sizes = { images: files.size(images), labels: files.size(labels) };
  const faults: string[] = [];
  if (sizes.images !== bytes) {
    const shape = [count, height, width, channels].join(' × ');
    faults.push(`images is ${images} of ${sizes.images} bytes; expected ${bytes}, which is ${shape}`);
  }
  if (sizes.labels !== count)
    faults.push(`labels is ${labels} of ${sizes.labels} bytes; expected ${count}, one for each image`);
  return faults;
}

/** The fault of the first label without a class. */
async function labelFaults({ labels, classes }: Fields, files: ArtifactFiles): Promise<readonly string[]> {
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
