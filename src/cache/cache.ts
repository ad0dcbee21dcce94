/**
 * The stage cache, `experiments/.cache`: outputs of stages by fingerprint. An entry is made in the staging folder and renamed
 * into place, so that it is complete or absent; its files are hard links to those of the experiment, and nothing ever writes to
 * them in place. The folder may be deleted at any time: stages then run again, and experiments keep their own links.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { isSha256 } from '../core/sha256.ts';
import { writeDurably } from '../storage/atomic.ts';
import { makeFolders } from '../storage/make-folders.ts';
import { move } from '../storage/move.ts';
import { namesIn } from '../storage/names-in.ts';
import { linkOrCopy } from '../storage/publish.ts';
import {
  cacheDir,
  METRICS as POINTS,
  outputDir,
  toStored,
  type ExperimentWriter,
} from '../registry/index.ts';
import { isInside } from '../storage/inside.ts';
import { stagingFolder, stagingPath } from '../storage/staging.ts';
import { errorCode, onStorage, storageFailure } from '../storage/storage-failure.ts';
import { ContentDigests } from './content.ts';
import { ENTRY, OUTPUT, outputFiles, readEntry, serializeEntry, type CacheEntry } from './entry.ts';
import { changedContent, changedFile, linkTree, treeOf } from './tree.ts';

/** Error codes of rename(2) for an existing target. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST']);

type Outputs = Readonly<Record<string, Artifact>>;

/** The absolute path of a file that differs from what was stored. */
export interface Damage {
  readonly damaged: string;
}

/** A usable entry, or the damage to it. */
export type Finding = { readonly entry: CacheEntry } | Damage;

export interface FinishedStage extends Pick<
  CacheEntry,
  'fingerprint' | 'parts' | 'backend' | 'variables' | 'report'
> {
  readonly stage: string;
  readonly outputs: Outputs;
  /** The writer of the experiment in which it ran: files that it has hashed are not read again. */
  readonly writer: Pick<ExperimentWriter, 'id' | 'dir' | 'hashes' | 'files'>;
}

/** Parts of an entry that a stage receives. */
export interface Taken {
  /** With folders in the receiving experiment. */
  readonly outputs: Outputs;
  /** A file with its metric points, beside the output folder; it belongs to the caller. */
  readonly points: string;
}

export class StageCache {
  readonly #registry: string;
  readonly #dir: string;
  readonly #digests: ContentDigests;

  /** @param registry The experiments' folder, absolute. Nothing is written before `put` or `save`. */
  constructor(registry: string) {
    this.#registry = registry;
    this.#dir = cacheDir(registry);
    this.#digests = new ContentDigests(join(this.#dir, 'digests'));
  }

  /** A hash of a file's or a folder's content. */
  digest(path: string): Promise<string> {
    return this.#digests.digest(path);
  }

  /** The files that cache other hashes of data than these. Deleting them only causes the data to be read again. */
  digestFilesBesides(digests: ReadonlySet<string>): string[] {
    return this.#digests.filesBesides(digests);
  }

  /** Fingerprints of all entries, intact or damaged. */
  fingerprints(): string[] {
    const names = onStorage('read', this.#dir, () => namesIn(this.#dir));
    return names.filter(isSha256);
  }

  /** The entry, without checking its files. */
  peek(fingerprint: string): CacheEntry | undefined {
    const entry = readEntry(join(this.#dir, fingerprint, ENTRY));
    return entry === 'damaged' ? undefined : entry;
  }

  /** The entry of a fingerprint, with its files checked: only those that look changed are read. Undefined if there is none. */
  async find(fingerprint: string): Promise<Finding | undefined> {
    const dir = join(this.#dir, fingerprint);
    const entry = readEntry(join(dir, ENTRY));
    if (entry === undefined) return undefined;
    if (entry === 'damaged') return { damaged: join(dir, ENTRY) };
    const changed = await changedFile(dir, entry.files);
    return changed === undefined ? { entry } : { damaged: join(dir, changed) };
  }

  /**
   * Stores the outputs of a stage. An existing entry is kept, or replaced on request. `check` throws where another process has
   * taken over the experiment: the linked files may be incomplete then.
   */
  async put(
    stage: FinishedStage,
    { replace, check = () => {} }: { readonly replace: boolean; readonly check?: () => void },
  ): Promise<void> {
    const staging = stagingFolder(this.#registry);
    try {
      const unfinished = stagingPath(staging);
      mkdirSync(unfinished);
      writeDurably(join(unfinished, ENTRY), serializeEntry(await fill(unfinished, stage)));
      check();
      makeFolders(this.#dir);
      const target = join(this.#dir, stage.fingerprint);
      if (replace) moveAway(target, stagingPath(staging));
      moveIntoPlace(unfinished, target);
    } catch (error) {
      throw storageFailure(error, 'write', this.#dir);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }

  /**
   * Links an entry's files into a new folder, the output folder of an experiment's stage, and verifies their content. Undefined
   * if the entry has been removed since it was found.
   */
  async take(
    entry: CacheEntry,
    target: string,
    writer: Pick<ExperimentWriter, 'hashes' | 'files'>,
  ): Promise<Taken | Damage | undefined> {
    const source = join(this.#dir, entry.fingerprint);
    const files = outputFiles(entry);
    const tree = { folders: entry.folders, files: files.map(({ path }) => path) };
    if ([...tree.folders, ...tree.files].some(path => !isInside(target, join(target, path))))
      return { damaged: join(source, ENTRY) };
    const points = `${target}.${POINTS}`;
    try {
      linkTree(tree, join(source, OUTPUT), target);
      const changed = await changedContent(target, files, writer.hashes);
      if (changed !== undefined) return { damaged: join(source, OUTPUT, changed) };
      linkOrCopy(join(source, POINTS), points);
      return await taken(source, entry, writer, points);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storageFailure(error, 'write', target);
    }
  }

  /** Saves the hashes of data for later runs. */
  save(): void {
    const staging = stagingFolder(this.#registry);
    try {
      this.#digests.save(staging);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
}

async function taken(
  source: string,
  { files, outputs }: CacheEntry,
  writer: Pick<ExperimentWriter, 'hashes' | 'files'>,
  points: string,
): Promise<Taken | Damage> {
  const recorded = files.find(({ path }) => path === POINTS);
  const copied = recorded && { ...recorded, path: basename(points) };
  if (copied === undefined || (await changedContent(dirname(points), [copied], writer.hashes)) !== undefined)
    return { damaged: join(source, POINTS) };
  const found: [string, Artifact][] = [];
  for (const [name, stored] of Object.entries(outputs)) {
    const artifact = writer.files.artifact(stored);
    if (artifact === undefined) return { damaged: join(source, ENTRY) };
    found.push([name, artifact]);
  }
  return { outputs: Object.fromEntries(found), points };
}

async function fill(folder: string, given: FinishedStage): Promise<CacheEntry> {
  const { stage, writer, fingerprint, parts, backend, variables, report } = given;
  const { id: experiment, dir } = writer;
  const source = outputDir(dir, stage);
  const tree = treeOf(source);
  linkTree(tree, source, join(folder, OUTPUT));
  writer.files.copyPoints(stage, join(folder, POINTS));
  const files = await writer.hashes.hashAll(folder, [POINTS, ...tree.files.map(path => `${OUTPUT}/${path}`)]);
  const prefix = `artifacts/${stage}/`;
  const published = writer.files.published(stage).map(({ path }) => path.slice(prefix.length));
  const outputs = storedOutputs(dir, given.outputs);
  return {
    version: 1,
    fingerprint,
    parts,
    experiment,
    backend,
    ...(variables && { variables }),
    report,
    outputs,
    folders: tree.folders,
    files,
    published,
  };
}

function storedOutputs(dir: string, outputs: Outputs): Outputs {
  const outside = Object.values(outputs).find(artifact => !isInside(dir, artifact.dir));
  if (outside !== undefined)
    throw new Failure({ code: 'outside', message: `its output lies outside the experiment: ${outside.dir}` });
  return Object.fromEntries(
    Object.entries(outputs).map(([name, artifact]) => [name, toStored(dir, artifact)]),
  );
}

function moveAway(target: string, trash: string): void {
  try {
    move(target, trash);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Keeps an entry that another process has made in the meantime. */
function moveIntoPlace(unfinished: string, target: string): void {
  try {
    move(unfinished, target);
  } catch (error) {
    if (!TAKEN.has(errorCode(error) ?? '')) throw error;
  }
}
