/** The registry's interface: all operations of other folders on experiments on disk. */
import type { Artifact } from '../core/artifacts.ts';
import type { ExperimentLookup, ExperimentView } from '../core/stage.ts';
import type { ProcessIdentity } from '../host/process-identity.ts';
import type { ReadFrom } from '../storage/growing-file.ts';
import type {
  Entry,
  Followed,
  LogPiece,
  Picture,
  PointsPiece,
  PublishedFile,
  RegistryListing,
  RegistrySummary,
  StageResults,
  StoredExperiment,
  StoredPoint,
} from './stored.ts';
import type { Sweeps } from './sweeps.ts';
import type { Death, ExperimentWriter, NewExperiment, Reopening } from './writing.ts';

/**
 * The experiments of one folder. Reading takes no lock, and writes nothing but an index that may be deleted at any time.
 * Experiments are named by their ids, such as `exp-3`.
 */
export interface Registry {
  /** Absolute. It need not exist: the first claim creates it. */
  readonly dir: string;
  readonly tags: Tags;
  readonly trash: Trash;
  readonly sweeps: Sweeps;

  /** Creates `exp-N`, with N one above the highest number. Any number of processes may claim at once. */
  claim(experiment: NewExperiment): Promise<ExperimentWriter>;
  /**
   * Makes this process the writer of an experiment that was interrupted, failed or crashed. One process at a time can.
   * @throws Failure when it has finished, is running, or another process is resuming it.
   */
  reopen(id: string, reopening: Reopening): Promise<ExperimentWriter>;
  /** The check before `reopen`. @throws Failure, exit code 2, for a finished or running experiment. */
  checkResumable(experiment: StoredExperiment, force?: boolean): Promise<void>;
  /**
   * Closes the record of an experiment whose process ended before it could, unless another process has it. Returns the stage that
   * was running.
   */
  closeDead(id: string, death: Death): Promise<string | null>;

  /** Ids of the experiments in the folder, smallest number first; none where there is no folder. */
  ids(): string[];
  /** True for an id in use, ever, whether its experiment still exists or not. */
  wasGiven(id: string): boolean;
  /**
   * All experiments in any state; unreadable ones are returned as data. Metrics are those of experiment.json: a few seconds old
   * while an experiment runs, exact once it has ended.
   */
  list(): Promise<RegistryListing>;
  /** Summaries of them, for lists of thousands: ended experiments come from an index while unchanged. */
  summaries(): Promise<RegistrySummary>;
  /** One experiment by its record, which may be unreadable; undefined where there is no such folder. */
  entry(id: string): Promise<Entry | undefined>;
  /** One experiment with current metrics. @throws Failure when it does not exist or cannot be read. */
  read(id: string): Promise<StoredExperiment>;
  /**
   * One experiment by `exp-3`, `latest` (the newest finished one), `latest:<pipeline>`, or a tag.
   * @throws Failure with what exists: code `no-match-yet` when a `latest` finds nothing, exit code 2.
   */
  find(reference: string): Promise<StoredExperiment>;
  /** Record and outputs, for stages. */
  view(experiment: StoredExperiment): ExperimentView;
  /** Lookup in this registry, for stages; `current` is the experiment being written. */
  lookup(current: ExperimentWriter): ExperimentLookup;

  /** Outputs and files of a stage; empty for one that has not ended. @throws Failure when stage.json is damaged. */
  results(id: string, stage: string): Promise<StageResults>;
  /** A stored artifact with its absolute folder; undefined if it is invalid or leads outside. */
  artifact(id: string, stored: unknown): Promise<Artifact | undefined>;
  /** The first schema error of a parsed stage.json, as a sentence; undefined where there is none. */
  stageDocumentFault(document: object): Promise<string | undefined>;
  /**
   * The texts of every stage.json below an experiment's folder, which may be in the trash; damaged ones included.
   * @throws Failure for a file that cannot be read.
   */
  stageTexts(dir: string): Iterable<string>;
  /** The files in `artifacts/`, or those of one stage, sorted by path. */
  published(id: string, stage?: string): PublishedFile[];
  /** The picture of its metrics; undefined where none has been drawn. */
  picture(id: string): Picture | undefined;
  /**
   * Writes the picture of an ended experiment's metrics, or replaces it. Two processes that draw the same points write the same.
   * @throws Failure where it cannot be written.
   */
  keepPicture(id: string, svg: string): void;
  /** All points of an experiment, or of one stage, read lazily one at a time. */
  allPoints(id: string, stage?: string): Iterable<StoredPoint>;
  /**
   * Points from a byte on, a few megabytes at a time: `fromByte` and `file` are `nextByte` and `file` of the previous reading. An
   * incomplete last line is left for the next one. @throws Failure if it is not a regular file.
   */
  points(id: string, from?: ReadFrom): PointsPiece;
  /** Text of a stage's log in the same way, cut between characters. */
  logs(id: string, stage: string, from?: ReadFrom): LogPiece;
  /**
   * Record, points and log text of an experiment as any process writes them, from the beginning on: polled a few times a second.
   * Ends when the run has ended or its process is gone.
   * @throws Failure when the experiment does not exist or cannot be read.
   */
  follow(id: string): AsyncIterable<Followed>;
  /** Number of processes that have taken over an experiment, including those that recorded nothing. */
  takeovers(id: string): number;
}

/** Names for experiments. */
export interface Tags {
  /** All tags. Files whose names are no valid tags are ignored. */
  all(): TagFolder;
  /** @throws Failure, exit code 2, for a text that cannot be a tag's name. */
  check(name: string): void;
  /**
   * Points a tag to an experiment; `force` moves an existing one. Returns its previous experiment.
   * @throws Failure when it points elsewhere; of several processes that create the same tag at once, all but one fail.
   */
  set(name: string, id: string, options: { readonly force: boolean }): string | undefined;
  /** Removes a tag, not its experiment. Returns its experiment. @throws Failure, exit code 2, for an unknown tag. */
  remove(name: string): string | undefined;
}

export interface TagFolder {
  /** Experiment id by tag, in alphabetical order. The experiment may no longer exist. */
  readonly tags: ReadonlyMap<string, string>;
  /** Tags by experiment id. */
  readonly byId: ReadonlyMap<string, readonly string[]>;
  /** Names of tags whose files hold no experiment id. */
  readonly damaged: readonly string[];
}

/** Why something is in the trash. */
export type Reason =
  /** By `pipe rm`. */
  | 'removed'
  /** Experiments by their status, and finished ones beyond the number to keep. */
  | 'failed'
  | 'crashed'
  | 'interrupted'
  | 'surplus'
  /** Cache entries. */
  | 'unused'
  | 'damaged';

/** Something that can be removed and restored: `name` is `exp-3`, or a fingerprint. */
export interface Thing {
  readonly kind: 'experiment' | 'cache';
  readonly name: string;
}

export interface TrashEntry extends Thing {
  /** The name in the trash. */
  readonly entry: string;
  /** Absolute. */
  readonly path: string;
  /** When it was removed: ISO 8601, UTC. */
  readonly at: string;
  readonly why: Reason;
}

/** Removed experiments and cache entries, until they are restored or deleted permanently. */
export interface Trash {
  /** Entries of the trash, oldest first. Foreign files are left out. */
  entries(): TrashEntry[];
  /** Paths of things whose permanent deletion was cut off by a kill. */
  halfDeleted(): string[];
  /** The absolute path of a thing in use. */
  placeOf(thing: Thing): string;
  /** True when anything, a dangling link included, has the path of a thing in use. */
  isInPlace(thing: Thing): boolean;
  /** Moves a thing to the trash; undefined when it is gone. Experiment numbers are never reused. */
  move(thing: Thing, why: Reason): TrashEntry | undefined;
  /** Moves a thing back: `occupied` when something is in its place, `gone` when it is no longer in the trash. */
  moveBack(entry: TrashEntry): 'restored' | 'occupied' | 'gone';
  /** Marks a thing as being deleted, so that it cannot be restored. Returns its path, undefined when it is gone. */
  markEnding(entry: TrashEntry): string | undefined;
  /** Waits until all moves are on disk. */
  sync(): void;
  /** An experiment in the trash by its record; undefined when its folder is gone. */
  read(entry: TrashEntry): Promise<Entry | undefined>;
  /** The process that runs or resumes an experiment in the trash. */
  ownerOf(entry: TrashEntry): Promise<ProcessIdentity | undefined>;
}
