import { Option } from 'commander';
import type { Registry } from '../registry/index.ts';
import type { Io } from './io.ts';

/** `--experiments <dir>`, for every command that reads or writes experiments. */
export function experimentsOption(): Option {
  return new Option(
    '--experiments <dir>',
    'folder of the experiments; otherwise $PIPE_EXPERIMENTS, or ./experiments',
  );
}

/** Opens the registry that the option, the environment or the working folder names. */
export async function registryOf(
  io: Io,
  { experiments }: { readonly experiments?: string },
): Promise<Registry> {
  const { experimentsDir, openRegistry } = await import('../registry/index.ts');
  return openRegistry(experimentsDir(experiments, io));
}
