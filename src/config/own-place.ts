import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';
import type { Loader, Metafile, Plugin } from 'esbuild';
import { OWN_NAMES } from '../host/packages.ts';
import { publicModule } from '../host/paths.ts';

const CODE = /\.[cm]?[jt]sx?$/;

/** Properties of a module that depend on its place; `new URL(…, import.meta.url)` and createRequire use them. */
const PLACE = /\bimport\.meta\b|\b__dirname\b|\b__filename\b|\brequire\.resolve\b/;

const FILE_BESIDE = /\bnew\s+URL\(\s*(['"`])(\.[^'"`$]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** Name of the module's place in the bundle, where esbuild has one `import.meta` for all files. */
const NAME = '__pipe_module';
const NAMESPACE = 'pipe-module';

export const placeDefinitions: Readonly<Record<string, string>> = {
  'import.meta': NAME,
  __dirname: `${NAME}.dirname`,
  __filename: `${NAME}.filename`,
  'require.resolve': `${NAME}.require.resolve`,
};

interface UserFile {
  readonly path: string;
  readonly text: string;
  readonly isModule: boolean;
}

/** Absolute paths of a bundle's inputs. */
export const inputFiles = ({ inputs }: Metafile, cwd: string): readonly string[] => [
  // An import with attributes is a separate input: `data.json with { type: 'json' }`.
  ...new Set(Object.keys(inputs).map(name => resolve(cwd, name.replace(/ with \{.*\}$/, '')))),
];

/** The files of a bundle whose code uses its own place. */
export async function filesWithPlace({ inputs }: Metafile, cwd: string): Promise<readonly UserFile[]> {
  const files = Object.entries(inputs).filter(([name]) => CODE.test(name));
  const texts = await Promise.all(
    files.map(async ([name, { format }]) => {
      const path = resolve(cwd, name);
      return { path, text: await readFile(path, 'utf8'), isModule: format === 'esm' };
    }),
  );
  return texts.filter(({ text }) => PLACE.test(text));
}

/** The files that code names by `new URL('./weights.bin', import.meta.url)`: read at run time, so they are part of it. */
export const filesBeside = (files: readonly UserFile[]): readonly string[] => [
  ...new Set(
    files.flatMap(({ path, text }) =>
      [...text.matchAll(FILE_BESIDE)]
        .map(([, , name = '']) => fileURLToPath(new URL(name, pathToFileURL(path))))
        .filter(file => extname(file) !== '' && existsSync(file)),
    ),
  ),
];

/**
 * Gives each of these files its own `import.meta`, `__dirname` and `__filename`, by an import that keeps the positions of its
 * code.
 */
export const ownPlaces = (files: readonly UserFile[]): Plugin => ({
  name: 'own-places',
  setup(build) {
    const byPath = new Map(files.map(file => [file.path, file]));
    build.onResolve({ filter: new RegExp(`^${NAMESPACE}:`) }, ({ path }) => ({
      path: path.slice(NAMESPACE.length + 1),
      namespace: NAMESPACE,
    }));
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: placeModule(path) }));
    build.onLoad({ filter: CODE, namespace: 'file' }, ({ path }) => {
      const file = byPath.get(path);
      return file && { contents: withPlace(file), loader: loaderOf(path) };
    });
  },
});

function withPlace({ path, text, isModule }: UserFile): string {
  const name = JSON.stringify(`${NAMESPACE}:${path}`);
  return isModule ? `${text}\nimport * as ${NAME} from ${name};` : `var ${NAME} = require(${name}); ${text}`;
}

const loaderOf = (path: string): Loader => extname(path).replace(/^\.[cm]?/, '') as Loader;

/** Node's `import.meta` for a file at this path. */
function placeModule(path: string): string {
  return `
import { createRequire, isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
export const url = ${JSON.stringify(pathToFileURL(path).href)};
export const filename = ${JSON.stringify(path)};
export const dirname = ${JSON.stringify(dirname(path))};
export const require = /* @__PURE__ */ createRequire(url);
export const resolve = name => {
  if (/^(\\.\\.?\\/|\\/|[a-z]+:)/.test(name)) return new URL(name, url).href;
  if (isBuiltin(name)) return 'node:' + name;
  return ${JSON.stringify(OWN_NAMES)}.includes(name) ? ${JSON.stringify(pathToFileURL(publicModule).href)} : pathToFileURL(require.resolve(name)).href;
};`;
}
