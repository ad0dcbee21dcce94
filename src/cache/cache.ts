/**
 * `experiments/.cache`: what stages gave, by fingerprint. An entry is made in the staging folder and renamed into place, so
 * that it is whole or absent; its files are hard links to those of the experiment, and nothing ever writes to them in place.
 * The folder may be deleted at any time: stages then run again, and experiments keep their own links.
 */
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { linesOf } from '../registry/metric-lines.ts';
import { artifactFiles } from '../registry/artifact-files.ts';
import { writeDurably } from '../registry/atomic.ts';
import { FileHashes } from '../registry/file-hashes.ts';
import { makeFolders } from '../registry/make-folders.ts';
import { namesIn } from '../registry/names-in.ts';
import { cacheDir, isInside, METRICS as POINTS, metricsPath, outputDir } from '../registry/paths.ts';
import { fromStored, toStored } from '../registry/stage-outputs.ts';
import { stagingFolder, stagingPath } from '../registry/staging.ts';
import { errorCode, onStorage, storageFailure } from '../registry/storage-failure.ts';
import { ContentDigests } from './content.ts';
import { readEntry, serializeEntry, type CacheEntry } from './entry.ts';
import { changedFile, linkTree, treeOf } from './tree.ts';

const OUTPUT = 'output';
/** What rename(2) says when the target is there. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST']);

type Outputs = Readonly<Record<string, Artifact>>;

/** An entry that can be used, or what is wrong with the one that is there. */
export type Finding = { readonly entry: CacheEntry } | { readonly damaged: string };

export interface FinishedStage extends Pick<
  CacheEntry,
  'fingerprint' | 'parts' | 'experiment' | 'backend' | 'report'
> {
  readonly stage: string;
  /** The experiment's folder. */
  readonly dir: string;
  readonly outputs: Outputs;
  /** Those of the experiment: what it has hashed is not read again. */
  readonly hashes: FileHashes;
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

  /** Of every entry that there is, whole or not. */
  fingerprints(): string[] {
    const names = onStorage('read', this.#dir, () => namesIn(this.#dir));
    return names.filter(name => /^[0-9a-f]{64}$/.test(name));
  }

  /** The entry without a look at its files. */
  peek(fingerprint: string): CacheEntry | undefined {
    const entry = readEntry(join(this.#dir, fingerprint, 'entry.json'));
    return entry === 'damaged' ? undefined : entry;
  }

  /** The entry of a fingerprint, its files verified; undefined where there is none. */
  async find(fingerprint: string): Promise<Finding | undefined> {
    const dir = join(this.#dir, fingerprint);
    const entry = readEntry(join(dir, 'entry.json'));
    if (entry === undefined) return undefined;
    if (entry === 'damaged') return { damaged: join(dir, 'entry.json') };
    const changed = await changedFile(dir, entry.files, new FileHashes());
    return changed === undefined ? { entry } : { damaged: join(dir, changed) };
  }

  /** Keeps what a stage gave. An entry that is there is left alone, or replaced. */
  async put(stage: FinishedStage, { replace }: { readonly replace: boolean }): Promise<void> {
    const staging = stagingFolder(this.#registry);
    try {
      const unfinished = stagingPath(staging);
      mkdirSync(unfinished);
      writeDurably(join(unfinished, 'entry.json'), serializeEntry(await fill(unfinished, stage)));
      makeFolders(this.#dir);
      const target = join(this.#dir, stage.fingerprint);
      if (replace) moveAway(target, stagingPath(staging));
      moveIntoPlace(unfinished, target);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }

  /**
   * Gives an entry's files a name in a new folder, to be the output folder of an experiment's stage. Answers the outputs in
   * that experiment and the stage's lines of metrics, or undefined when the entry has gone or changed since it was found.
   */
  async take(
    { fingerprint, folders, files, outputs }: CacheEntry,
    target: string,
    { dir, hashes }: Pick<FinishedStage, 'dir' | 'hashes'>,
  ): Promise<{ readonly outputs: Outputs; readonly points: string } | undefined> {
    const source = join(this.#dir, fingerprint);
    const below = files
      .filter(({ path }) => path.startsWith(`${OUTPUT}/`))
      .map(file => ({ ...file, path: file.path.slice(OUTPUT.length + 1) }));
    if ([...folders, ...below.map(({ path }) => path)].some(path => !isInside(target, join(target, path))))
      return undefined;
    try {
      linkTree({ folders, files: below.map(({ path }) => path) }, join(source, OUTPUT), target);
      if ((await changedFile(target, below, hashes)) !== undefined) return undefined;
      const points = readFileSync(join(source, POINTS), 'utf8');
      const found = Object.entries(outputs).map(
        ([name, artifact]) => [name, fromStored(dir, artifact)] as const,
      );
      if (found.some(([, artifact]) => artifact === undefined)) return undefined;
      return { outputs: Object.fromEntries(found) as Outputs, points };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storageFailure(error, 'write', target);
    }
  }

  /** Writes down which content data has, for the next time. */
  save(): void {
    const staging = stagingFolder(this.#registry);
    try {
      this.#digests.save(staging);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
}

async function fill(folder: string, given: FinishedStage): Promise<CacheEntry> {
  const { stage, dir, fingerprint, parts, experiment, backend, report } = given;
  const source = outputDir(dir, stage);
  const tree = treeOf(source);
  linkTree(tree, source, join(folder, OUTPUT));
  writeDurably(
    join(folder, POINTS),
    onStorage('read', metricsPath(dir), () => linesOf(dir, stage)),
  );
  const files = await given.hashes.hashAll(folder, [POINTS, ...tree.files.map(path => `${OUTPUT}/${path}`)]);
  const prefix = `artifacts/${stage}/`;
  const published = artifactFiles(dir, stage).map(({ path }) => path.slice(prefix.length));
  const outputs = storedOutputs(dir, given.outputs);
  return {
    version: 1,
    fingerprint,
    parts,
    experiment,
    backend,
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
    renameSync(target, trash);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Another process that made the same entry meanwhile wins. */
function moveIntoPlace(unfinished: string, target: string): void {
  try {
    renameSync(unfinished, target);
  } catch (error) {
    if (!TAKEN.has(errorCode(error) ?? '')) throw error;
  }
}
