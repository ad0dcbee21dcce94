import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { sha256 } from '../../core/sha256.ts';
import { packageClosure } from '../../host/package-closure.ts';
import { OWN_NAMES } from '../../host/packages.ts';
import { readRegular } from '../../storage/read-file.ts';
import { packageRoot, publicModule, stageExtension, stagesDir } from '../../host/paths.ts';
import type { PlannedStage } from '../../plan/plan.ts';

/** Code of a stage. */
export interface StageCode {
  /**
   * Hash of its code with all imports from the user's folder and pipe, and the files beside it that it names; comments and layout
   * of code do not count.
   */
  readonly code: string;
  /** Versions of the packages that a user's stage imports and their dependencies, by name. Empty for a built-in stage. */
  readonly packages: Readonly<Record<string, string>>;
}

export async function stageCode({ use, files }: Pick<PlannedStage, 'use' | 'files'>): Promise<StageCode> {
  const [entry] = files;
  if (entry === undefined) return { code: await builtInCode(use, join('stages', use)), packages: {} };
  const { code, imported } = await reachableCode(entry);
  const roots = [packageRoot, dirname(entry)];
  const packages = Object.assign(
    {},
    ...roots.map(root => packageClosure(root, imported)),
  ) as StageCode['packages'];
  const data = files.filter(file => !/\.[cm]?[jt]sx?$/.test(file));
  return { code: data.length === 0 ? code : sha256(`${code}\n${contentOf(data, dirname(entry))}`), packages };
}

/** `stageCode` for a plan's stages, which bundles a file that several of them use only once. */
export function stageCodes(): typeof stageCode {
  const known = new Map<string, Promise<StageCode>>();
  return planned => {
    const key = planned.files[0] ?? planned.use;
    const code = known.get(key) ?? stageCode(planned);
    known.set(key, code);
    return code;
  };
}

/** Hashes of files by relative path: where a project lies does not matter. */
const contentOf = (files: readonly string[], folder: string): string =>
  files
    .map(file => `${JSON.stringify(relative(folder, file))} ${sha256(readRegular(file))}`)
    .sort()
    .join('\n');

/** Hash of the code that provides stages with TensorFlow. */
export const tensorFlowCode = (): Promise<string> => builtInCode('/tensorflow', join('tensorflow', 'index'));

let built: Readonly<Record<string, string>> | undefined;

/** Hashes from the build; where pipe runs from its source, as in its tests, computed now. */
async function builtInCode(name: string, module: string): Promise<string> {
  const path = join(stagesDir, 'fingerprints.json');
  if (stageExtension === '.js') built ??= JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  const known = built?.[name];
  if (known !== undefined) return known;
  const entry = join(stagesDir, '..', `${module}${stageExtension}`);
  if (!existsSync(entry)) throw new Error(`there is no ${entry}`);
  return (await reachableCode(entry)).code;
}

/** A hash of the code that a module reaches, without packages: bundled, tree-shaken and minified. */
async function reachableCode(
  entry: string,
): Promise<{ readonly code: string; readonly imported: readonly string[] }> {
  const { build } = await import('esbuild');
  const imported = new Set<string>();
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    // Not the identifiers: their short names also depend on removed code.
    minifySyntax: true,
    minifyWhitespace: true,
    treeShaking: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    plugins: [packagesApart(imported)],
    logLevel: 'silent',
  });
  return { code: sha256(outputFiles[0]?.text ?? ''), imported: [...imported].sort() };
}

/** Leaves packages out and collects their names; pipe, and packages linked to folders outside node_modules, count as code. */
const packagesApart = (imported: Set<string>): Plugin => ({
  name: 'packages-apart',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === 'entry-point' || pluginData === packagesApart) return undefined;
      if (OWN_NAMES.includes(path)) return { path: publicModule };
      if (isBuiltin(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: packagesApart });
      const isCode =
        found.errors.length === 0 && !found.external && !/[\\/]node_modules[\\/]/.test(found.path);
      if (isCode) return { path: resolve(found.path) };
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (name !== undefined) imported.add(name);
      return { path, external: true };
    });
  },
});
