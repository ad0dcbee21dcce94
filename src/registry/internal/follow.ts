import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stampOf } from '../../storage/file-hashes.ts';
import { Cursor } from '../../storage/growing-file.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { Followed, StoredExperiment } from '../stored.ts';
import { readExperiment } from './find.ts';
import { recordPath } from './paths.ts';
import { readLog } from './read-log.ts';
import { readPoints } from './read-points.ts';
import { shownStatus } from './status.ts';

/**
 * Milliseconds between two polls of an experiment's files. Polling works on every file system and takes a few system calls; a
 * watcher would stay bound to files that a resume replaces.
 */
const INTERVAL = 250;

/** Follows an experiment until it ends. */
export async function* follow(registry: string, id: string): AsyncGenerator<Followed> {
  const dir = join(registry, id);
  const record = new RecordFollower(registry, id);
  const points = new Cursor();
  const logs = new Map<string, Cursor>();
  for (let isFirst = true; ; isFirst = false) {
    // The status before the files: a process that is gone writes nothing more.
    const isChanged = await record.look();
    const { experiment } = record;
    const hasEnded = experiment.status !== 'running';
    if (isChanged && (isFirst || !hasEnded)) yield { kind: 'record', experiment };
    for (const piece of points.pieces(from => readPoints(dir, from)))
      yield {
        kind: 'points',
        points: piece.points.map(({ point }) => point),
        isRewritten: piece.isRewritten,
      };
    for (const { id: stage } of experiment.record.stages) {
      const cursor = logs.get(stage) ?? new Cursor();
      logs.set(stage, cursor);
      for (const { text, isRewritten } of cursor.pieces(from => readLog(dir, stage, from)))
        yield { kind: 'log', stage, text, isRewritten };
    }
    if (hasEnded) {
      if (!isFirst) yield { kind: 'record', experiment };
      return;
    }
    await setTimeout(INTERVAL);
  }
}

/** The record of an experiment, read again after each change. */
class RecordFollower {
  readonly #registry: string;
  readonly #id: string;
  #stamp = '';
  #experiment: StoredExperiment | undefined;

  constructor(registry: string, id: string) {
    this.#registry = registry;
    this.#id = id;
  }

  get experiment(): StoredExperiment {
    if (this.#experiment === undefined) throw new Error('look() was not called');
    return this.#experiment;
  }

  /**
   * Reads the record if it has changed. True when record or status differ from the last call. @throws Failure when the experiment
   * is gone or unreadable.
   */
  async look(): Promise<boolean> {
    const path = recordPath(join(this.#registry, this.#id));
    const status = onStorage('read', path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
    const stamp = status === undefined ? '' : stampOf(status);
    const known = this.#experiment;
    const isSame = known !== undefined && stamp === this.#stamp && shownStatus(known.record) === known.status;
    if (isSame && stamp !== '') return false;
    this.#experiment = await readExperiment(this.#registry, this.#id);
    this.#stamp = stamp;
    return true;
  }
}
