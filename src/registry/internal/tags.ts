/**
 * Names for experiments: `experiments/.tags/<name>` holds `exp-12` and a line end. A file is made under a temporary name and
 * linked or renamed into place, so that a tag is never incomplete.
 */
import { linkSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { readRegularFile } from '../../storage/read-file.ts';
import { syncFolder, writeDurably } from '../../storage/atomic.ts';
import { experimentNumber } from './ids.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { move } from '../../storage/move.ts';
import { namesIn } from '../../storage/names-in.ts';
import { NO_LINK } from '../../storage/publish.ts';
import { stagingFolder, stagingPath } from '../../storage/staging.ts';
import { errorCode, onStorage, storageFailure } from '../../storage/storage-failure.ts';
import type { TagFolder, Tags } from '../types.ts';

/** Longest name of a tag, in bytes, which are characters. */
const LONGEST = 100;
/** Largest file of a tag, in bytes. */
const LARGEST_FILE = 100;

/** The tags of a registry. */
export const openTags = (registry: string): Tags => ({
  all: () => readTagFolder(registry),
  check: checkTagName,
  set: (name, id, options) => setTag(registry, name, id, options),
  remove: name => removeTag(registry, name),
});

const tagsDir = (registry: string): string => join(registry, '.tags');

/** All tags of a registry. Files whose names are no valid tags are ignored. */
export function readTagFolder(registry: string): TagFolder {
  const tags = new Map<string, string>();
  const damaged: string[] = [];
  for (const name of tagNames(registry)) {
    const tag = readTag(registry, name);
    if (tag === 'damaged') damaged.push(name);
    else if (tag !== undefined) tags.set(name, tag.id);
  }
  return { tags, byId: idsToTags(tags), damaged };
}

function idsToTags(tags: TagFolder['tags']): ReadonlyMap<string, readonly string[]> {
  const byId = new Map<string, string[]>();
  for (const [name, id] of tags) byId.set(id, [...(byId.get(id) ?? []), name]);
  return byId;
}

function tagNames(registry: string): string[] {
  const folder = tagsDir(registry);
  return onStorage('read', folder, () => namesIn(folder))
    .filter(name => nameProblem(name) === undefined)
    .sort();
}

type Tag = { readonly id: string } | 'damaged' | undefined;

const idOf = (tag: Tag): string | undefined => (typeof tag === 'object' ? tag.id : undefined);

/** The experiment of a tag; undefined when there is none. */
function readTag(registry: string, name: string): Tag {
  const path = join(tagsDir(registry), name);
  const reading = readRegularFile(path, LARGEST_FILE);
  if ('content' in reading) {
    const id = reading.content.toString().trimEnd();
    return experimentNumber(id) === undefined ? 'damaged' : { id };
  }
  if (['not-a-file', 'too-large'].includes(reading.problem)) return 'damaged';
  if (reading.problem === 'missing') return undefined;
  throw new Failure({ code: 'storage', message: `cannot read ${printable(path)} (${reading.problem})` });
}

/** Why a text cannot be a tag's name, as a clause that follows it; undefined for a valid name. */
function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (Buffer.byteLength(name) > LONGEST) return `is longer than ${LONGEST} bytes`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return 'has other characters than letters, digits, ".", "_" and "-"';
  if (!/^[A-Za-z0-9_]/.test(name)) return 'does not begin with a letter, a digit or "_"';
  if (/^(?:exp(?:eriment)?[-_]?)?\d+$/i.test(name)) return 'looks like the number of an experiment';
  if (/^latest$/i.test(name)) return 'stands for the newest finished experiment';
  return undefined;
}

/** @throws Failure, exit code 2, when a text cannot be a tag's name. */
function checkTagName(name: string): void {
  const problem = nameProblem(name);
  if (problem === undefined) return;
  const shown = printable(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  throw new Failure({
    code: 'bad-tag',
    exitCode: 2,
    message: `"${shown}" cannot be a tag: it ${problem}`,
    hint: 'choose a name such as best, v1.2 or for_the_paper',
  });
}

/**
 * Points a tag to an experiment; `force` moves an existing one. Returns its previous experiment.
 * @throws Failure when it points elsewhere; of several processes that create the same tag at once, all but one fail.
 */
function setTag(
  registry: string,
  name: string,
  id: string,
  { force }: { readonly force: boolean },
): string | undefined {
  checkTagName(name);
  const path = join(tagsDir(registry), name);
  const staging = stagingFolder(registry);
  return onStorage('write', path, () => {
    try {
      makeFolders(tagsDir(registry));
      const temporary = stagingPath(staging);
      writeDurably(temporary, `${id}\n`);
      const before = readTag(registry, name);
      if (force) move(temporary, path);
      else if (!createFrom(temporary, path)) refuseToMove(registry, name, id);
      syncFolder(tagsDir(registry));
      return idOf(before);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

/** Links a file to its name; false if the name exists. On a file system without links, the last of two concurrent calls wins. */
function createFrom(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!NO_LINK.has(errorCode(error) ?? '')) throw error;
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return false;
    move(temporary, path);
  }
  return true;
}

function refuseToMove(registry: string, name: string, id: string): void {
  const now = idOf(readTag(registry, name));
  if (now === id) return;
  const where =
    now === undefined ? 'is damaged: its file names no experiment' : `points to ${now}, not to ${id}`;
  throw new Failure({
    code: 'tag-taken',
    exitCode: 2,
    message: `tag ${name} ${where}`,
    hint: `to move it: pipe tag --force ${id} ${name}`,
  });
}

/** Removes a tag, not its experiment. Returns its experiment. @throws Failure, exit code 2, for an unknown tag. */
function removeTag(registry: string, name: string): string | undefined {
  checkTagName(name);
  const path = join(tagsDir(registry), name);
  const before = readTag(registry, name);
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw unknownTag(registry, name);
    throw storageFailure(error, 'write', path);
  }
  onStorage('write', path, () => syncFolder(tagsDir(registry)));
  return idOf(before);
}

function unknownTag(registry: string, name: string): Failure {
  const names = tagNames(registry);
  return new Failure({
    code: 'unknown-tag',
    exitCode: 2,
    message: `there is no tag ${name} in ${printable(registry)}`,
    details: [names.length === 0 ? 'It has no tags.' : `Tags: ${names.join(', ')}.`],
    hint: 'pipe tag shows what there is',
  });
}
