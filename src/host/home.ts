import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { errorCode } from '../core/system-error.ts';
import type { Env } from '../core/env.ts';

/** pipe's own variables that name a file or a folder. */
const PATH_VARIABLES = ['PIPE_EXPERIMENTS', 'PIPE_HOME', 'PIPE_TENSORFLOW', 'CIFAR10_DIR'];

/**
 * A path with the home folder in place of a leading `~`. A shell does this only where a word begins: not in
 * `--experiments=~/x`, in quotes, or in YAML. A folder of that name is `./~`.
 */
export function expandHome(path: string, env: Env = process.env): string {
  if (path !== '~' && !path.startsWith('~/')) return path;
  return join(homeFolder(env), path.slice(1));
}

/**
 * The user's home folder: HOME, or the system's entry for the user where HOME is unset, empty or relative.
 * @throws Failure for a user unknown to the system, as in a container with an arbitrary uid.
 */
export function homeFolder({ HOME = '' }: Env): string {
  if (isAbsolute(HOME)) return HOME;
  const known = homeOfUser();
  if (known !== undefined && isAbsolute(known)) return known;
  throw new Failure({
    code: 'no-home',
    exitCode: 2,
    message: `your home folder is not known: HOME is ${HOME === '' ? 'not set' : `"${printable(HOME)}", no absolute path`}, and the system knows none`,
    hint: 'set HOME, or PIPE_HOME=<folder> for what pipe downloads',
  });
}

function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir;
  } catch (error) {
    // A uid without a name.
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The environment with `~` expanded in pipe's own path variables. */
export function expandVariables(env: Env): Env {
  const given = PATH_VARIABLES.filter(name => env[name]?.startsWith('~'));
  return { ...env, ...Object.fromEntries(given.map(name => [name, expandHome(env[name] ?? '', env)])) };
}
