import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { packageRoot, stageExtension, stagesDir } from '../host/paths.ts';
import type { PlannedStage } from '../plan/plan.ts';

/** Hash of a stage's code with what it imports: of the user's files, or of pipe's own. */
export async function stageCode({ use, files }: Pick<PlannedStage, 'use' | 'files'>): Promise<string> {
  return files.length > 0 ? hashFiles(files, folderOf(files)) : builtInCode(use, join('stages', use));
}

/** The folder that holds all of these files: where a project lies, and from where it is run, means nothing. */
function folderOf(files: readonly string[]): string {
  const [first = [], ...others] = files.map(file => dirname(file).split(sep));
  const apart = first.findIndex((name, index) => others.some(other => other[index] !== name));
  return (apart === -1 ? first : first.slice(0, apart)).join(sep) || sep;
}

/** Hash of the code that gives stages their TensorFlow. */
export const tensorFlowCode = (): Promise<string> => builtInCode('/tensorflow', join('tensorflow', 'index'));

let built: Readonly<Record<string, string>> | undefined;

/** The build wrote down the hashes; where pipe runs from its source, as in its tests, the files are followed now. */
async function builtInCode(name: string, module: string): Promise<string> {
  const path = join(stagesDir, 'fingerprints.json');
  if (stageExtension === '.js') built ??= JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  const known = built?.[name];
  if (known !== undefined) return known;
  return sourceCode(join(stagesDir, '..', `${module}${stageExtension}`));
}

async function sourceCode(entry: string): Promise<string> {
  if (!existsSync(entry)) throw new Error(`there is no ${entry}`);
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: packageRoot,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  return hashFiles(
    Object.keys(metafile.inputs).map(file => resolve(packageRoot, file)),
    packageRoot,
  );
}

function hashFiles(files: readonly string[], root: string): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort())
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}
