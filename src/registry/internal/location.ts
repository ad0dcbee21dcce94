import { resolve } from 'node:path';
import type { Env } from '../../core/env.ts';
import { expandHome } from '../../host/home.ts';

/** The experiments folder: `--experiments`, else `$PIPE_EXPERIMENTS`, else `experiments` in the working folder. Absolute. */
export function experimentsDir(
  option: string | undefined,
  { env, cwd }: { readonly env: Env; readonly cwd: string },
): string {
  return resolve(cwd, expandHome(option ?? (env['PIPE_EXPERIMENTS'] || 'experiments'), env));
}
