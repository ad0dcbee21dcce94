import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Variables of pipe's own that name a file or a folder. */
const PATH_VARIABLES = ['PIPE_EXPERIMENTS', 'PIPE_HOME', 'PIPE_TENSORFLOW', 'CIFAR10_DIR'];

/**
 * A path with the home folder in place of a leading `~`. A shell does this only where a word begins: not in
 * `--experiments=~/x`, in quotes, or in YAML. A folder of that name is `./~`.
 */
export function expandHome(path: string, { HOME }: Env = process.env): string {
  if (path !== '~' && !path.startsWith('~/')) return path;
  return join(HOME !== undefined && isAbsolute(HOME) ? HOME : homedir(), path.slice(1));
}

/** The environment with the same done to the variables that are paths of pipe's own. */
export function expandVariables(env: Env): Env {
  const given = PATH_VARIABLES.filter(name => env[name]?.startsWith('~'));
  return { ...env, ...Object.fromEntries(given.map(name => [name, expandHome(env[name] ?? '', env)])) };
}
