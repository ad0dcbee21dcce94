import type { Registry } from '../registry/index.ts';
import type { Session } from '../run/session.ts';
import type { Io } from './io.ts';

export interface ForScripts {
  /** `--json`. */
  readonly json: boolean | undefined;
}

/** An experiment, and how to open its registry if need be. */
export interface Told {
  readonly id: string;
  readonly registry: () => Promise<Registry>;
  /** True where nothing ran, since this one is equal. */
  readonly unchanged?: boolean;
}

/** Prints an experiment for scripts: its id, or the whole record. On a terminal, earlier lines have shown it. */
export async function tellExperiment(
  { id, registry, unchanged = false }: Told,
  { stdout }: Pick<Io, 'stdout'>,
  { json }: ForScripts,
): Promise<void> {
  if (json === true) {
    const { runJson } = await import('./experiment-json.ts');
    stdout.write(await runJson(await registry(), id, unchanged));
  } else if (stdout.isTTY !== true) stdout.write(`${id}\n`);
}

/** Opens the registry of a session. */
export const registryIn = (session: Session) => async (): Promise<Registry> =>
  (await import('../run/session.ts')).registryOf(session);
