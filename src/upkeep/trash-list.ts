import { join } from 'node:path';
import { readEntry } from '../cache/entry.ts';
import type { Registry, TrashEntry } from '../registry/index.ts';
import { Freed } from './freed.ts';

/** A thing in the trash with its description. */
export interface TrashItem extends TrashEntry {
  /** An experiment's pipeline; null where its record cannot be read. */
  readonly pipeline: string | null;
  /** A cache entry's stage id and the experiment in which it ran; null where it cannot be read. */
  readonly stage: string | null;
  readonly experiment: string | null;
  /** Bytes freed by deleting it after everything removed earlier. */
  readonly bytes: number;
}

/** The contents of the trash, oldest first. */
export async function listTrash({ trash }: Registry): Promise<readonly TrashItem[]> {
  const freed = new Freed();
  const items: TrashItem[] = [];
  for (const entry of trash.entries())
    items.push({ ...entry, ...(await aboutTrashed(entry, trash)), bytes: freed.add(entry.path) });
  return items;
}

/** The description of a thing in the trash, read from the thing itself. */
export async function aboutTrashed(
  thing: TrashEntry,
  trash: Registry['trash'],
): Promise<Pick<TrashItem, 'pipeline' | 'stage' | 'experiment'>> {
  if (thing.kind === 'experiment') {
    const reading = await trash.read(thing);
    const isRead = reading !== undefined && !('problem' in reading);
    return { pipeline: isRead ? reading.record.pipeline.name : null, stage: null, experiment: null };
  }
  const entry = readEntry(join(thing.path, 'entry.json'));
  if (entry === undefined || entry === 'damaged') return { pipeline: null, stage: null, experiment: null };
  return { pipeline: null, stage: entry.parts.id, experiment: entry.experiment };
}
