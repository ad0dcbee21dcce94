import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ShownStatus } from '../core/experiment.ts';
import { parseJson } from '../core/parse-json.ts';
import type { ProcessIdentity } from '../host/process-identity.ts';
import { stampOf } from '../storage/file-hashes.ts';
import { experimentOf, recordPath, type Entry, type Registry, type TagFolder } from '../registry/index.ts';
import { errorCode, onStorage } from '../storage/storage-failure.ts';

/** Dependencies of an experiment. */
export interface Uses {
  /** Ids of other experiments whose folders hold outputs of its stages. */
  readonly experiments: ReadonlySet<string>;
  /** Fingerprints of its stages. */
  readonly fingerprints: ReadonlySet<string>;
  /** Hashes of the data that its stages read. */
  readonly digests: ReadonlySet<string>;
}

/** The relevant part of an experiment: thousands of full records would take much memory. */
export interface Surveyed {
  readonly id: string;
  readonly status: ShownStatus | 'unreadable';
  /** Why it cannot be read, as a clause that follows its id. */
  readonly problem: string | null;
  /** The pipeline's name; null where the record cannot be read, like all fields from it. */
  readonly pipeline: string | null;
  readonly process: ProcessIdentity | null;
  /** The experiment that it extends. */
  readonly parent: string | null;
  /** The experiment that it reproduces. */
  readonly reproduces: string | null;
  /** The sweep that it is a trial of. */
  readonly sweep: string | null;
  /** The time of its end, or of the last write of its record. */
  readonly ended: Date;
  readonly uses: Uses;
  /** Identifies a version of its record: every write makes a new file. */
  readonly stamp: string;
}

/** The contents of a registry with their dependencies. */
export interface Survey {
  /** Experiments by id, smallest number first. */
  readonly experiments: ReadonlyMap<string, Surveyed>;
  readonly tags: TagFolder;
  /** Sweeps that go on with their stopped and paused trials. */
  readonly unfinishedSweeps: ReadonlySet<string>;
}

/**
 * Surveys every experiment. With an earlier survey, only those whose records have changed since, or that were running, are read
 * again: no others can have new dependencies.
 */
export async function survey(registry: Registry, before?: Survey): Promise<Survey> {
  const experiments = new Map<string, Surveyed>();
  const roots = rootsOf(registry);
  for (const id of registry.ids()) {
    const dir = join(registry.dir, id);
    const known = before?.experiments.get(id);
    const version = onStorage('read', dir, () => versionOf(dir));
    if (known?.stamp === version.stamp && hasEnded(known)) {
      experiments.set(id, known);
      continue;
    }
    const entry = await registry.entry(id);
    if (entry === undefined) continue;
    const uses = onStorage('read', dir, () => readUses(id, registry.stageTexts(dir), roots));
    experiments.set(id, { ...version, ...aboutEntry(entry), id, uses });
  }
  return { experiments, tags: registry.tags.all(), unfinishedSweeps: unfinishedSweeps(registry) };
}

function unfinishedSweeps({ sweeps }: Registry): ReadonlySet<string> {
  const isUnfinished = (id: string) => {
    const last = sweeps.read(id).journal.at(-1) as { readonly type?: unknown } | null | undefined;
    return last?.type !== 'completed';
  };
  return new Set(sweeps.ids().filter(isUnfinished));
}

const hasEnded = ({ status }: Surveyed): boolean => status !== 'unreadable' && status !== 'running';

/** The version of a record, checked before it is read. */
function versionOf(dir: string): Pick<Surveyed, 'stamp' | 'ended'> {
  const status = unlessMissing(() => statSync(recordPath(dir), { bigint: true }), undefined);
  if (status === undefined) return { stamp: '', ended: new Date() };
  return { stamp: stampOf(status), ended: status.mtime };
}

function aboutEntry(
  entry: Entry,
): Omit<Surveyed, 'id' | 'uses' | 'stamp' | 'ended'> & Partial<Pick<Surveyed, 'ended'>> {
  if ('problem' in entry) {
    const { problem } = entry;
    const unknown = { pipeline: null, process: null, parent: null, reproduces: null, sweep: null };
    return { status: 'unreadable', problem, ...unknown };
  }
  const { status, record } = entry;
  const { pipeline, process, parent, reproduces = null, sweep, endedAt } = record;
  const ended = endedAt === null ? {} : { ended: new Date(endedAt) };
  const related = { parent, reproduces, sweep: sweep?.id ?? null };
  return { status, problem: null, pipeline: pipeline.name, process, ...related, ...ended };
}

/** The registry's folder as given and with symbolic links resolved: records may have either. */
const rootsOf = ({ dir }: Registry): readonly string[] => [...new Set([dir, realPath(dir)])];

/** Dependencies of an experiment in a folder, by the records of its stages: its own record may be damaged or behind. */
export function usesOf(id: string, dir: string, registry: Registry): Uses {
  return readUses(id, registry.stageTexts(dir), rootsOf(registry));
}

/** @param texts Reading them throws for an unreadable one, whose dependencies are unknown. */
function readUses(id: string, texts: Iterable<string>, roots: readonly string[]): Uses {
  const experiments = new Set<string>();
  const fingerprints = new Set<string>();
  const digests = new Set<string>();
  for (const text of texts) {
    for (const [, found = ''] of text.matchAll(/"fingerprint":\s*"([0-9a-f]{64})"/g)) fingerprints.add(found);
    for (const [, found = ''] of text.matchAll(/"digest":\s*"([0-9a-f]{64})"/g)) digests.add(found);
    for (const path of pathsIn(text))
      for (const other of experimentsOf(path, roots)) if (other !== id) experiments.add(other);
  }
  return { experiments, fingerprints, digests };
}

/** The absolute paths in a stage.json, which are folders outside of the experiment. */
function pathsIn(text: string): readonly string[] {
  // Most have none and are not parsed. In a damaged record, everything that looks like a path counts.
  if (!text.includes('"/')) return [];
  const found = [...text.matchAll(/"(\/(?:[^"\\]|\\.)*)/gs)];
  return found.map(([quoted, path = '']) => (parseJson(`${quoted}"`) as string | undefined) ?? path);
}

/** The experiments whose folder a path lies in, also through a symbolic link. */
function experimentsOf(path: string, roots: readonly string[]): readonly string[] {
  return [path, realPath(path)].flatMap(each => roots.flatMap(root => experimentOf(root, each) ?? []));
}

/** The path with symbolic links resolved as far as it exists. */
function realPath(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  return unlessMissing(() => realpathSync(path), undefined) ?? join(realPath(parent), basename(path));
}

function unlessMissing<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return otherwise;
    throw error;
  }
}
