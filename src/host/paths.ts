import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Env } from '../core/env.ts';
import { homeFolder } from './home.ts';

/** The folders of the running code: `<package>/dist` when built, `<package>/src` in tests. */
function codeRoot(): {
  readonly packageRoot: string;
  readonly code: string;
  readonly extension: '.js' | '.ts';
} {
  const here = fileURLToPath(import.meta.url);
  const built = /^(.*)[\\/]dist[\\/]/.exec(here);
  if (built?.[1] !== undefined)
    return { packageRoot: built[1], code: join(built[1], 'dist'), extension: '.js' };
  const root = resolve(here, '..', '..', '..');
  return { packageRoot: root, code: join(root, 'src'), extension: '.ts' };
}

const { packageRoot, code, extension } = codeRoot();

/** The folder of pipe's own package.json. */
export { packageRoot };

/** The folder of pipe's code and of the files that belong to it: `src/`, or `dist/`, which has all but the types. */
export { code as codeDir };

/** True where the code is built, in a checkout as in an installed package. */
export const isBuilt = extension === '.js';

/** Template files of `pipe init`. */
export const projectTemplate = join(packageRoot, 'templates', 'project');

/** The folder of the built-in stages, and the extension of their files. */
export const stagesDir = join(code, 'stages');
export const stageExtension = extension;

/** Hashes of the code of the built-in stages and of the public module's exports, which the build makes. */
export const codeHashesFile = join(packageRoot, 'dist', 'stages', 'fingerprints.json');

/** The module that a user's stage gets for `import … from 'pipe'`. */
export const publicModule = join(code, `index${extension}`);

/** `$PIPE_HOME`, by default `~/.cache/pipe`: the TensorFlow library and downloaded data. */
export function pipeHome(env: Env = process.env): string {
  const given = env['PIPE_HOME'];
  return given ? resolve(given) : join(homeFolder(env), '.cache', 'pipe');
}
