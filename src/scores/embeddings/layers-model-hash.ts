import { join } from 'node:path';
import type { Transform } from '../../core/artifacts.ts';
import { sha256OfLines } from '../../core/sha256.ts';
import { sha256OfFile } from '../../storage/file-hashes.ts';
import { readRegular } from '../../storage/read-file.ts';

/** sha256 (hex) of what a layers model computes from bytes: its files, and the transform before it. */
export async function layersModelHash(folder: string, { scale, offset }: Transform): Promise<string> {
  const { weightsManifest } = JSON.parse(readRegular(join(folder, 'model.json')).toString()) as {
    readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
  };
  const lines = [JSON.stringify([scale, offset])];
  for (const file of ['model.json', ...weightsManifest.flatMap(({ paths }) => paths)])
    lines.push(`${file} ${await sha256OfFile(join(folder, file))}`);
  return sha256OfLines(lines);
}
