/**
 * `experiments/.trash/<time>,<why>,<what>`: removed things under names that say when, why and what. Moving there and back is one
 * rename on the same file system: a killed process leaves a thing either in its place or in the trash, complete and described,
 * and a full disk is no obstacle.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../host/process-identity.ts';
import { isSha256 } from '../../core/sha256.ts';
import { syncFolder } from '../../storage/atomic.ts';
import { experimentNumber } from './ids.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { move } from '../../storage/move.ts';
import { namesIn } from '../../storage/names-in.ts';
import { cacheDir } from './paths.ts';
import { errorCode, onStorage } from '../../storage/storage-failure.ts';
import type { Reason, Thing, Trash, TrashEntry } from '../types.ts';
import { resumerOf } from './attempts.ts';
import { reserveNumber } from './numbers.ts';
import { readEntryIn } from './reader.ts';

const REASONS: readonly Reason[] = [
  'removed',
  'failed',
  'crashed',
  'interrupted',
  'surplus',
  'unused',
  'damaged',
];

/** Replaces the reason while a thing is being deleted permanently. */
const ENDING = 'ending';

/** The trash of a registry. */
export const openTrash = (registry: string): Trash => ({
  entries: () => trashEntries(registry),
  halfDeleted: () => halfDeleted(registry),
  placeOf: thing => placeOf(registry, thing),
  isInPlace: thing => isThere(placeOf(registry, thing)),
  move: (thing, why) => moveToTrash(registry, thing, why),
  moveBack: entry => moveBack(registry, entry),
  markEnding: entry => markEnding(registry, entry),
  sync: () => {
    syncMoves(registry);
  },
  read: ({ path, name }) => readEntryIn(path, name),
  ownerOf,
});

const trashDir = (registry: string): string => join(registry, '.trash');

/** The path of a thing in use. */
const placeOf = (registry: string, { kind, name }: Thing): string =>
  join(kind === 'experiment' ? registry : cacheDir(registry), name);

/** Entries of the trash, oldest first. Foreign files are left out. */
export function trashEntries(registry: string): TrashEntry[] {
  return entryNames(registry).flatMap(entry => {
    const [time = '', reason = '', name = ''] = entry.split(',');
    const at = toIso(time);
    const why = REASONS.find(known => known === reason);
    const kind = kindOf(name);
    if (at === undefined || why === undefined || kind === undefined) return [];
    return [{ kind, name, entry, path: join(trashDir(registry), entry), at, why }];
  });
}

/** Paths of things whose permanent deletion was cut off by a kill. */
const halfDeleted = (registry: string): string[] =>
  entryNames(registry)
    .filter(entry => entry.split(',')[1] === ENDING)
    .map(entry => join(trashDir(registry), entry));

function entryNames(registry: string): string[] {
  const folder = trashDir(registry);
  return onStorage('read', folder, () => namesIn(folder)).sort();
}

function kindOf(name: string): Thing['kind'] | undefined {
  if (experimentNumber(name) !== undefined) return 'experiment';
  return isSha256(name) ? 'cache' : undefined;
}

/** `20261124T065818123Z`. */
const toName = (time: Date): string => time.toISOString().replace(/[-:.]/g, '');

function toIso(name: string): string | undefined {
  const iso = name.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d)(\d{3}Z)$/, '$1-$2-$3:$4:$5.$6');
  return iso === name || Number.isNaN(Date.parse(iso)) ? undefined : iso;
}

/** Creates the trash early: a full disk may have no room for a folder. */
export const makeTrash = (registry: string): void => makeFolders(trashDir(registry));

/** Moves a thing to the trash; undefined when it does not exist. */
function moveToTrash(registry: string, thing: Thing, why: Reason): TrashEntry | undefined {
  const place = placeOf(registry, thing);
  return onStorage('write', place, () => {
    makeTrash(registry);
    // Numbers of older registries and of copied folders are not reserved yet.
    const number = experimentNumber(thing.name);
    if (number !== undefined) reserveNumber(registry, number);
    for (let time = Date.now(); ; time++) {
      const at = new Date(time);
      const entry = [toName(at), why, thing.name].join(',');
      const path = join(trashDir(registry), entry);
      if (isThere(path)) continue;
      if (!moved(place, path)) return undefined;
      return { ...thing, entry, path, at: at.toISOString(), why };
    }
  });
}

/** Moves a thing back: `occupied` when something is in its place, `gone` when it is no longer in the trash. */
function moveBack(registry: string, trashed: TrashEntry): 'restored' | 'occupied' | 'gone' {
  const place = placeOf(registry, trashed);
  return onStorage('write', place, () => {
    // A race could replace only an empty folder or a file that appears before the rename.
    if (isThere(place)) return 'occupied';
    if (trashed.kind === 'cache') makeFolders(cacheDir(registry));
    return moved(trashed.path, place) ? 'restored' : 'gone';
  });
}

/** Marks a thing as being deleted, so that it cannot be restored. Returns its path, undefined when it is gone. */
function markEnding(registry: string, { path, at, name }: TrashEntry): string | undefined {
  const ending = join(trashDir(registry), [toName(new Date(at)), ENDING, name].join(','));
  return onStorage('write', path, () => (moved(path, ending) ? ending : undefined));
}

/** Waits until all moves are on disk. */
function syncMoves(registry: string): void {
  for (const folder of [registry, cacheDir(registry), trashDir(registry)])
    if (isThere(folder)) onStorage('write', folder, () => syncFolder(folder));
}

/** True for any existing path, dangling links included. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Renames; false when the source is missing: another process was first. */
function moved(from: string, to: string): boolean {
  try {
    move(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !isThere(from)) return false;
    throw error;
  }
}

async function ownerOf({ path, name }: TrashEntry): Promise<ProcessIdentity | undefined> {
  const resumer = resumerOf(path);
  if (resumer !== undefined) return resumer;
  const entry = await readEntryIn(path, name);
  if (entry === undefined || 'problem' in entry) return undefined;
  return entry.status === 'running' ? entry.record.process : undefined;
}
