import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, Message, OnResolveArgs, PartialMessage, Plugin } from 'esbuild';
import type { Location, Problem } from '../core/failure.ts';
import { OWN_NAMES } from '../host/packages.ts';
import { packageRoot, publicModule } from '../host/paths.ts';
import { temporaryFolder } from '../host/temporary.ts';
import { installHint, missingPackage } from './missing-package.ts';
import { guardLoading } from './load-guard.ts';
import { filesBeside, filesWithPlace, inputFiles, ownPlaces, placeDefinitions } from './own-place.ts';
import { environmentBanner, environmentDefinition } from './user-environment.ts';

export interface Bundle {
  /** Absolute paths of its sources, the entry first, and of the files beside them that they name. */
  readonly files: readonly string[];
  load(): Promise<{ readonly default?: unknown }>;
}

export interface BundleProblems {
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
}

/**
 * Compiles a TypeScript or JavaScript file and its imports from outside node_modules into one module. `import … from 'pipe-dl'`,
 * or from 'pipe', resolves to this running pipe, so that classes are the same.
 * @param path Absolute.
 * @param cwd Paths in messages are relative to it.
 */
export async function bundleModule(path: string, cwd: string): Promise<Bundle | BundleProblems> {
  const { build } = await import('esbuild');
  const options = {
    entryPoints: [path],
    absWorkingDir: cwd,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    // Sources are named relative to the working folder; stacks must name them wherever the module lies.
    sourceRoot: `${pathToFileURL(cwd).href}/`,
    logLevel: 'silent',
    define: environmentDefinition,
    banner: { js: `${environmentBanner(path)} ${requireBanner(path)}` },
    plugins: [packagesByUrl],
  } satisfies BuildOptions;
  try {
    const plain = await build(options);
    const placed = await filesWithPlace(plain.metafile, cwd);
    // The module runs from a temporary place, but each file must keep its own path.
    const { outputFiles } =
      placed.length === 0
        ? plain
        : await build({
            ...options,
            define: { ...environmentDefinition, ...placeDefinitions },
            plugins: [ownPlaces(placed), packagesByUrl],
          });
    const text = outputFiles[0]?.text ?? '';
    const files = [...new Set([path, ...inputFiles(plain.metafile, cwd), ...filesBeside(placed)])];
    return { files, load: () => importText(text) };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const files = error.errors.flatMap(({ location }) => (location ? [resolve(cwd, location.file)] : []));
    return { problems: error.errors.map(toProblem), files };
  }
}

/** `require` of computed names. A computed relative path is refused: it would be relative to one of many files. */
const requireBanner = (path: string): string =>
  `
import { createRequire as __createRequire } from 'node:module';
const __entryRequire = __createRequire(${JSON.stringify(pathToFileURL(path).href)});
const require = Object.assign(id => {
  if (/^\\.\\.?[\\\\/]/.test(id)) throw new Error('cannot require ' + JSON.stringify(id) + ', a relative path that is computed: make it absolute, as path.join(__dirname, …) does');
  return __entryRequire(id);
}, __entryRequire);`
    .trimStart()
    .replaceAll('\n', ' ');

/** Imports packages from where they are installed: the user's folder, or else pipe's own. */
const packagesByUrl: Plugin = {
  name: 'packages-by-url',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async args => {
      if (args.kind === 'entry-point' || args.pluginData === packagesByUrl || args.path.startsWith('node:'))
        return undefined;
      if (OWN_NAMES.includes(args.path)) return { path: pathToFileURL(publicModule).href, external: true };
      const options = { kind: args.kind, importer: args.importer, pluginData: packagesByUrl };
      const own = await build.resolve(args.path, { ...options, resolveDir: args.resolveDir });
      const found =
        own.errors.length === 0
          ? own
          : await build.resolve(args.path, { ...options, resolveDir: packageRoot });
      if (found.errors.length > 0) return { errors: unresolved(args, own.errors) };
      if (found.external) return { path: found.path, external: true };
      return /[\\/]node_modules[\\/]/.test(found.path)
        ? { path: pathToFileURL(found.path).href, external: true }
        : { path: found.path };
    });
  },
};

/** esbuild's errors without its advice to mark an import as external, which users cannot do here. */
function unresolved({ path, resolveDir }: OnResolveArgs, errors: readonly Message[]): PartialMessage[] {
  const missing = missingPackage(path, resolveDir);
  return errors.map(error => {
    const notes = error.notes.filter(({ text }) => !/mark the path .* as external/.test(text));
    return missing === undefined
      ? { ...error, notes }
      : { ...error, text: `package "${missing}" is not installed`, notes: [{ text: installHint(missing) }] };
  });
}

const loaded = new Map<string, Promise<{ readonly default?: unknown }>>();

/** Imports a module from a temporary file, which is then removed; the same text is imported once. */
function importText(text: string): Promise<{ readonly default?: unknown }> {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const module = loaded.get(hash) ?? importOnce(text, hash);
  loaded.set(hash, module);
  return module;
}

async function importOnce(text: string, hash: string): Promise<{ readonly default?: unknown }> {
  const folder = temporaryFolder('pipe-stage-');
  try {
    const file = join(folder, `stage-${hash}.mjs`);
    await writeFile(file, text);
    const load = () => import(/* @vite-ignore */ pathToFileURL(file).href);
    return (await guardLoading(load)) as { readonly default?: unknown };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isBuildFailure = (error: unknown): error is { readonly errors: readonly Message[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

/** The hint for a file without a loader in esbuild. */
function fileHint(text: string): string | undefined {
  const [, file] = /^No loader is configured for ".*" files: (.*)$/.exec(text) ?? [];
  return file && `it is read as a file: readFile(new URL('./${basename(file)}', import.meta.url))`;
}

function toProblem({ text, location, notes }: Message): Problem {
  const hint = notes[0]?.text ?? fileHint(text);
  const place: Location | undefined = location
    ? {
        file: location.file,
        line: location.line,
        // esbuild counts bytes.
        column: Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1,
        length: Math.max(1, location.length),
        text: location.lineText,
      }
    : undefined;
  return {
    code: 'broken-stage',
    message: text,
    ...(place && { location: place }),
    ...(hint !== undefined && { hint }),
  };
}
