/**
 * Protection of what a stage must not change: the files of its inputs, which other experiments share, and the state of the
 * process.
 */
import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { join, relative } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { FileHashes, stampOf } from '../../storage/file-hashes.ts';
import { errorCode } from '../../storage/storage-failure.ts';

/** Most files to list in a failure. */
const MOST = 10;

/** Variables that pipe sets for TensorFlow, and sharp for its library, when a stage loads them. */
const OF_LIBRARIES = new Set([
  'TF_CPP_MIN_LOG_LEVEL',
  'TF_ENABLE_ONEDNN_OPTS',
  'TF_NUM_INTEROP_THREADS',
  'TF_NUM_INTRAOP_THREADS',
  'VIPSHOME',
]);

type Inputs = Readonly<Record<string, Artifact>>;
type Stamps = ReadonlyMap<string, BigIntStats>;

export interface Snapshot {
  readonly inputs: ReadonlyMap<string, Stamps>;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Checks the state that a stage resumes from. @throws Failure for anything in place of a file that could block the stage, such as
 * a named pipe.
 */
export function checkRemains(id: string, dir: string, cwd: string): void {
  const [path] =
    [...stampsBelow(dir)].find(
      ([, status]) => !status.isFile() && !status.isDirectory() && !status.isSymbolicLink(),
    ) ?? [];
  if (path === undefined) return;
  const shown = printable(relative(cwd, path));
  throw new Failure({
    code: 'not-a-file',
    message: `stage "${printable(id)}" cannot resume from what it left: ${shown} is neither a file nor a folder`,
    hint: `remove it (rm ${shown}), or put the file itself there, and resume again`,
  });
}

/** State of the inputs and the process before a stage begins. */
export const takeSnapshot = (inputs: Inputs): Snapshot => ({
  inputs: new Map(Object.values(inputs).map(({ dir }) => [dir, stampsBelow(dir)])),
  cwd: process.cwd(),
  env: { ...process.env },
});

/** Stamps of files and folders, by absolute path. */
function stampsBelow(dir: string): Stamps {
  const stamps = new Map<string, BigIntStats>();
  const enter = (folder: string) => {
    for (const entry of namesOf(folder)) {
      const path = join(folder, entry.name);
      const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (status !== undefined) stamps.set(path, status);
      if (entry.isDirectory()) enter(path);
    }
  };
  enter(dir);
  return stamps;
}

/** Entries of a folder; none where it does not exist: an input may be gone. */
function namesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The failure for inputs that a stage has changed, added or removed; undefined where they are intact.
 * @param known Hashes of the files when they were written.
 */
export async function changedInputs(
  stage: string,
  { inputs }: Pick<Snapshot, 'inputs'>,
  { known, cwd }: { readonly known: FileHashes; readonly cwd: string },
): Promise<Failure | undefined> {
  const faults: string[] = [];
  for (const [dir, before] of inputs) {
    const now = stampsBelow(dir);
    for (const path of new Set([...before.keys(), ...now.keys()])) {
      const what = await change(path, before.get(path), now.get(path), known);
      if (what !== undefined) faults.push(`${printable(relative(cwd, path))} was ${what}`);
    }
  }
  if (faults.length === 0) return undefined;
  const more = faults.length > MOST ? [`and ${faults.length - MOST} more`] : [];
  return new Failure({
    code: 'changed-inputs',
    message: `stage "${printable(stage)}" changed its inputs, which are the results of other stages`,
    details: [
      ...faults.slice(0, MOST),
      ...more,
      'Experiments share files that are equal: pipe verify names all that are damaged, and the next run makes them again.',
    ],
    hint: 'a stage writes to context.outputDir alone; what it wants to change it copies there first',
  });
}

async function change(
  path: string,
  before: BigIntStats | undefined,
  now: BigIntStats | undefined,
  known: FileHashes,
): Promise<string | undefined> {
  if (before === undefined) return 'added';
  if (now === undefined) return 'removed';
  if (now.isDirectory() && before.isDirectory()) return undefined;
  if (stampOf(before) !== stampOf(now)) return 'changed';
  if (before.ctimeNs === now.ctimeNs || !now.isFile()) return undefined;
  // A new hard link from another experiment changes ctime as well, so the content decides; the stamp gives its previous hash.
  const [then, content] = [await known.hash(path, ''), await new FileHashes().hash(path, '')];
  return then?.sha256 === content?.sha256 ? undefined : 'changed';
}

/** Restores the working folder and the environment of the process; returns warnings about what a stage had changed. */
export function restoreProcess({ cwd, env }: Pick<Snapshot, 'cwd' | 'env'>): readonly string[] {
  const changes: string[] = [];
  const here = currentFolder();
  if (here !== cwd) {
    process.chdir(cwd);
    changes.push(
      `it changed the working folder to ${here ?? 'one that is gone'}, and later stages would run there; context.cwd and absolute paths need no change`,
    );
  }
  const names = [...new Set([...Object.keys(env), ...Object.keys(process.env)])].filter(
    name => !OF_LIBRARIES.has(name) && env[name] !== process.env[name],
  );
  for (const name of names) {
    const value = env[name];
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  if (names.length > 0)
    changes.push(
      `it changed ${names.sort().join(', ')} in process.env, which later stages would see: a stage gives them to the processes that it starts`,
    );
  return changes;
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
