import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import { packageVersions } from '../host/environment.ts';
import { packageRoot, stageExtension, stagesDir } from '../host/paths.ts';
import type { PlannedStage } from '../plan/plan.ts';

/** Hash of a stage's code with what it imports: of the user's files, or of pipe's own. */
export async function stageCode({ use, files }: Pick<PlannedStage, 'use' | 'files'>): Promise<string> {
  return files.length > 0 ? hashFiles(files, folderOf(files)) : builtInCode(use, join('stages', use));
}

/** Versions of the packages that a user's stage imports: of those beside it, else of pipe's own. None of a built-in stage. */
export async function importedPackages({
  files,
}: Pick<PlannedStage, 'files'>): Promise<Record<string, string>> {
  if (files.length === 0) return {};
  const { inputs } = await followed(files);
  const imports = Object.values(inputs).flatMap(input => input.imports);
  const names = imports.flatMap(({ path, external }) => (external === true ? (packageOf(path) ?? []) : []));
  const versions = [packageRoot, folderOf(files)].map(root => packageVersions(root, names));
  return Object.fromEntries(
    [...new Set(names)].sort().flatMap(name => {
      const version = versions.map(each => each[name]).findLast(known => known !== undefined);
      return version === undefined ? [] : [[name, version] as const];
    }),
  );
}

/** `@my/words` of `@my/words/all.js`; undefined for a part of Node, and for pipe, whose code counts by itself. */
function packageOf(path: string): string | undefined {
  if (isBuiltin(path)) return undefined;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
  return name === 'pipe' ? undefined : name;
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
  const { inputs } = await followed([entry]);
  return hashFiles(
    Object.keys(inputs).map(file => resolve(packageRoot, file)),
    packageRoot,
  );
}

/** Files with what they import; packages are not followed. */
async function followed(entryPoints: readonly string[]): Promise<Metafile> {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: packageRoot,
    entryPoints: [...entryPoints],
    outdir: packageRoot,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  return metafile;
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
