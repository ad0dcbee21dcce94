/** Sweeps of a registry: `sweeps/sweep-1/`, plain files with one writer. What they mean is not the registry's business. */
import type { ProcessIdentity } from '../host/process-identity.ts';

export interface Sweeps {
  /** Ids, smallest number first. */
  ids(): string[];
  /** Creates `sweep-N`, with N one above the highest number; this process is its driver. Any number of processes may at once. */
  create(files: SweepFiles): Promise<SweepWriter>;
  /**
   * Makes this process the driver of a sweep.
   * @param force Takes it from a process that is not visible from here: of another host or container.
   * @throws Failure, exit code 2, when another process drives it.
   */
  takeOver(id: string, force?: boolean): Promise<SweepWriter>;
  /** @throws Failure, exit code 2, when there is no such sweep. */
  read(id: string): StoredSweep;
}

export interface SweepFiles {
  /** `sweep.yaml`: the file as given. */
  readonly text: string;
  /** `sweep.json`, without its id. */
  readonly definition: object;
}

export interface StoredSweep {
  readonly id: string;
  /** Absolute. */
  readonly dir: string;
  readonly text: string;
  /** Parsed; undefined where it is no JSON. */
  readonly definition: unknown;
  /** The lines of `journal.jsonl`, parsed; undefined for one that is no JSON. A last line that a kill tore is left out. */
  readonly journal: readonly unknown[];
  /** The process that drives it now, as far as can be seen from here. */
  readonly driver: ProcessIdentity | undefined;
}

/** The driver's side. */
export interface SweepWriter {
  readonly id: string;
  /** Absolute. */
  readonly dir: string;
  /** Appends an entry to the journal, and waits until it is on disk. @throws Failure, code `superseded`, after a takeover. */
  append(entry: object): void;
  /** Lets other processes drive it. */
  release(): void;
}
