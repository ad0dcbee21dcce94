import { join } from 'node:path';
import { readEntry } from '../cache/entry.ts';
import type { Registry, TrashEntry } from '../registry/index.ts';
import { Freed } from './freed.ts';

/** A thing in the trash with what people know it by. */
export interface TrashItem extends TrashEntry {
  /** Of an experiment: its pipeline's name; null where its record cannot be read. */
  readonly pipeline: string | null;
  /** Of an entry of the cache: the stage's id and the experiment in which it ran; null where it cannot be read. */
  readonly stage: string | null;
  readonly experiment: string | null;
  /** Bytes that deleting it with all that was removed before it frees. */
  readonly bytes: number;
}

/** What is in the trash, what was removed first coming first. */
export async function listTrash({ trash }: Registry): Promise<readonly TrashItem[]> {
  const freed = new Freed();
  const items: TrashItem[] = [];
  for (const entry of trash.entries())
    items.push({ ...entry, ...(await aboutTrashed(entry, trash)), bytes: freed.add(entry.path) });
  return items;
}

/** Read from the thing itself. */
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
