import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { sha256 } from '../../core/sha256.ts';
import { packageClosure } from '../../host/package-closure.ts';
import { OWN_NAME, OWN_NAMES } from '../../host/packages.ts';
import { readRegular } from '../../storage/read-file.ts';
import { codeHashesFile, packageRoot } from '../../host/paths.ts';
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
  if (entry === undefined) return { code: builtInCode(use), packages: {} };
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
export const tensorFlowCode = (): string => builtInCode('/tensorflow');

/** What the names of exports begin with among the hashes of the build. */
const EXPORTS = '/exports/';

/** Hashes of pipe's own code, from the build: of stages and of exports. */
const builtCodes = (): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(codeHashesFile, 'utf8')) as Record<string, string>;

function builtInCode(name: string): string {
  const code = builtCodes()[name];
  if (code === undefined) throw new Error(`${codeHashesFile} has no "${name}"`);
  return code;
}

/**
 * Stands in for pipe's public module in the code of a user's stage: each export is the hash of its code, and those that the stage
 * does not use are removed. Bundling pipe itself with every stage would take longer than all else before a run.
 */
const publicCode = (): string =>
  Object.entries(builtCodes())
    .filter(([name]) => name.startsWith(EXPORTS))
    .map(([name, code]) => `export const ${name.slice(EXPORTS.length)} = /* @__PURE__ */ pipe('${code}');`)
    .join('\n');

/** A hash of the code that a user's module reaches, without packages: bundled, tree-shaken and minified. */
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

/** Leaves packages out and collects their names; packages linked to folders outside node_modules count as code, and so does pipe. */
const packagesApart = (imported: Set<string>): Plugin => ({
  name: 'packages-apart',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === 'entry-point' || pluginData === packagesApart) return undefined;
      if (OWN_NAMES.includes(path)) return { path: OWN_NAME, namespace: OWN_NAME };
      if (isBuiltin(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: packagesApart });
      const isCode =
        found.errors.length === 0 && !found.external && !/[\\/]node_modules[\\/]/.test(found.path);
      if (isCode) return { path: resolve(found.path) };
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (name !== undefined) imported.add(name);
      return { path, external: true };
    });
    build.onLoad({ filter: /./, namespace: OWN_NAME }, () => ({ contents: publicCode() }));
  },
});
