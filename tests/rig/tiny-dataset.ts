import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Random } from '../../src/core/random.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import { rangeTransform } from '../../src/data/transform.ts';
import { temporaryFolder } from './stage-context.ts';

/** Random images of the size of tiny-gan.ts, 8×8×3, in [-1, 1] once transformed. */
export async function tinyDataset(
  count = 22,
  classes: readonly string[] = ['a', 'b', 'c'],
): Promise<DatasetArtifact> {
  const random = new Random(2);
  const bytes = (size: number, high: number) =>
    Uint8Array.from({ length: size }, () => random.integer(0, high));
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 8, width: 8, channels: 3 });
  await writer.append(bytes(count * 192, 255), bytes(count, classes.length - 1));
  const written = await writer.finish({ classes: [...classes], source: 'test' });
  await writer.close();
  return { ...written, transform: rangeTransform(-1, 1, 3) };
}
