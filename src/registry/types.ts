/** The registry's interface: everything that other folders may do with experiments on disk. */
import type { Artifact } from '../core/artifacts.ts';
import type { ExperimentLookup, ExperimentView } from '../core/stage.ts';
import type { ProcessIdentity } from '../host/process-identity.ts';
import type { ReadFrom } from '../storage/growing-file.ts';
import type {
  Entry,
  Followed,
  LogPiece,
  PointsPiece,
  PublishedFile,
  RegistryListing,
  RegistrySummary,
  StageResults,
  StoredExperiment,
  StoredPoint,
} from './stored.ts';
import type { Death, ExperimentWriter, NewExperiment, Reopening } from './writing.ts';

/**
 * The experiments of one folder. Reading takes no lock, and writes nothing but an index that may be deleted at any time.
 * Experiments are named by their ids, such as `exp-3`.
 */
export interface Registry {
  /** Absolute. It need not exist: it is made at the first claim. */
  readonly dir: string;
  readonly tags: Tags;
  readonly trash: Trash;

  /** Makes `exp-N`, N being one above the highest there is. Any number of processes may claim at once. */
  claim(experiment: NewExperiment): Promise<ExperimentWriter>;
  /**
   * Makes this process the writer of an experiment that was interrupted, failed or crashed. One process at a time can.
   * @throws Failure when it finished, still runs, or another process is resuming it.
   */
  reopen(id: string, reopening: Reopening): Promise<ExperimentWriter>;
  /** The check before `reopen`. @throws Failure, exit code 2, for an experiment that finished or runs. */
  checkResumable(experiment: StoredExperiment, force?: boolean): Promise<void>;
  /**
   * Closes the record of an experiment whose process ended before it could; leaves it alone where another process has it.
   * Returns the stage that was running.
   */
  closeDead(id: string, death: Death): Promise<string | null>;

  /** Ids of the experiments in the folder, smallest number first; none where there is no folder. */
  ids(): string[];
  /** True for an id that was given to an experiment, whether that still exists or not. */
  wasGiven(id: string): boolean;
  /**
   * Every experiment, whatever its state; unreadable ones are returned as data. Metrics are those of experiment.json: a few
   * seconds old while an experiment runs, and exact once it has ended.
   */
  list(): Promise<RegistryListing>;
  /** The same in short, for lists of thousands: experiments that have ended come from an index while unchanged. */
  summaries(): Promise<RegistrySummary>;
  /** One experiment as its record says, which may be unreadable; undefined where there is no such folder. */
  entry(id: string): Promise<Entry | undefined>;
  /** One experiment, its metrics brought up to date. @throws Failure when there is none or it cannot be read. */
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
  /** An artifact as a record stores it, with its absolute folder; undefined for what is none, or leads outside. */
  artifact(id: string, stored: unknown): Promise<Artifact | undefined>;
  /** Schema errors of a parsed stage.json, in words; undefined where there are none. */
  stageDocumentFault(document: object): Promise<string | undefined>;
  /**
   * The texts of every stage.json below an experiment's folder, be that in the trash, damaged ones included.
   * @throws Failure for what cannot be read.
   */
  stageTexts(dir: string): Iterable<string>;
  /** The files in `artifacts/`, or those of one stage, sorted by path. */
  published(id: string, stage?: string): PublishedFile[];
  /** Every point of an experiment, or those of one stage, read as they are asked for, in memory one at a time. */
  allPoints(id: string, stage?: string): Iterable<StoredPoint>;
  /**
   * Points from a byte on, some megabytes at a time: `fromByte` and `file` are `nextByte` and `file` of the last reading. A last
   * line that is not whole is left for the next one. @throws Failure for what is no regular file.
   */
  points(id: string, from?: ReadFrom): PointsPiece;
  /** Text of a stage's log in the same way, never half a character. */
  logs(id: string, stage: string, from?: ReadFrom): LogPiece;
  /**
   * Record, points and log text of an experiment as they are written by any process, from the beginning on: looked for a few
   * times a second. Ends when the run has ended or its process is gone, and when it is aborted.
   * @throws Failure when there is no such experiment (any more), or it cannot be read.
   */
  follow(id: string, options: { readonly signal: AbortSignal }): AsyncIterable<Followed>;
  /** How many processes have taken an experiment over, those that recorded nothing included. */
  takeovers(id: string): number;
}

/** Names for experiments. */
export interface Tags {
  /** Every tag. Files whose names no tag can have are not looked at. */
  all(): TagFolder;
  /** @throws Failure, exit code 2, for a text that cannot be a tag's name. */
  check(name: string): void;
  /**
   * Makes a tag point to an experiment; `force` moves an existing one. Returns where it pointed before.
   * @throws Failure when it points elsewhere, and of several processes that make the same tag at once, in all but one.
   */
  set(name: string, id: string, options: { readonly force: boolean }): string | undefined;
  /** Removes a tag, not its experiment. Returns where it pointed. @throws Failure, exit code 2, for an unknown one. */
  remove(name: string): string | undefined;
}

export interface TagFolder {
  /** Experiment id by tag, in alphabetical order. The experiment need not exist any more. */
  readonly tags: ReadonlyMap<string, string>;
  /** The reverse: the tags of each experiment that has any. */
  readonly byId: ReadonlyMap<string, readonly string[]>;
  /** Names of tags whose files hold no experiment's id. */
  readonly damaged: readonly string[];
}

/** Why something is in the trash. */
export type Reason =
  /** By `pipe rm`. */
  | 'removed'
  /** Experiments by their status, and finished ones of which there are enough newer ones. */
  | 'failed'
  | 'crashed'
  | 'interrupted'
  | 'surplus'
  /** Entries of the cache. */
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

/** Removed experiments and results of the cache, until they are restored or deleted for good. */
export interface Trash {
  /** Entries of the trash, oldest first. Foreign files are left out. */
  entries(): TrashEntry[];
  /** Paths of what was being deleted for good when its process was killed. */
  halfDeleted(): string[];
  /** Where a thing is while it is in use. Absolute. */
  placeOf(thing: Thing): string;
  /** True when something, be it a link that leads nowhere, is where a thing is while it is in use. */
  isInPlace(thing: Thing): boolean;
  /** Moves a thing to the trash; undefined when it is gone. The number of an experiment is never given again. */
  move(thing: Thing, why: Reason): TrashEntry | undefined;
  /** Moves a thing back: `occupied` when something is in its place, `gone` when it is not in the trash any more. */
  moveBack(entry: TrashEntry): 'restored' | 'occupied' | 'gone';
  /** Marks a thing as being deleted: from now on nothing restores it. Returns its path, undefined when it is gone. */
  markEnding(entry: TrashEntry): string | undefined;
  /** Waits until the disk has what was moved. */
  sync(): void;
  /** An experiment in the trash as its record says; undefined when its folder is gone. */
  read(entry: TrashEntry): Promise<Entry | undefined>;
  /** The process that runs or resumes an experiment in the trash. */
  ownerOf(entry: TrashEntry): Promise<ProcessIdentity | undefined>;
}
