import { resolve } from 'node:path';
import { expandHome } from '../../host/home.ts';

/** The experiments folder: `--experiments`, else `$PIPE_EXPERIMENTS`, else `experiments` in the working folder. Absolute. */
export function experimentsDir(
  option: string | undefined,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): string {
  return resolve(cwd, expandHome(option ?? (env['PIPE_EXPERIMENTS'] || 'experiments'), env));
}
