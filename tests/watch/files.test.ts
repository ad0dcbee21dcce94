import {
  mkdtempSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileWatcher, type FileWatcher } from '../../src/watch/files.ts';

let root: string;
let watcher: FileWatcher;
let saves: number;
let onSaved: () => void;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-test-')));
  saves = 0;
  onSaved = () => {};
  watcher = openFileWatcher(() => {
    saves++;
    onSaved();
  });
});

afterEach(async () => {
  await watcher.close();
  rmSync(root, { recursive: true, force: true });
});

const path = (...parts: readonly string[]) => join(root, ...parts);

function write(file: string, text: string): void {
  mkdirSync(join(path(file), '..'), { recursive: true });
  writeFileSync(path(file), text);
}

/** Resolves when the watcher has called back because of what is done here. */
async function noticed(change: () => void): Promise<void> {
  const called = new Promise<void>(resolve => {
    onSaved = resolve;
  });
  change();
  await called;
}

const edit = () => {
  write('there/p/tiny.yaml', `edited ${saves}`);
};

test('a file that is written, replaced, removed and made again', async () => {
  write('there/p/tiny.yaml', 'one');
  await watcher.watch([path('there/p/tiny.yaml')]);
  await noticed(edit);
  write('there/p/other', 'by rename');
  await noticed(() => {
    renameSync(path('there/p/other'), path('there/p/tiny.yaml'));
  });
  await noticed(() => {
    rmSync(path('there/p/tiny.yaml'));
  });
  await noticed(edit);
  await noticed(edit);
});

test.each(['there/p', 'there'])('the folder %s is removed and made again', async folder => {
  write('there/p/tiny.yaml', 'one');
  await watcher.watch([path('there/p/tiny.yaml')]);
  await noticed(() => {
    rmSync(path(folder), { recursive: true });
  });
  await noticed(edit);
  await noticed(edit);
});

test.each(['there/p', 'there'])('the folder %s is replaced by rename', async folder => {
  write('there/p/tiny.yaml', 'one');
  write('other/p/tiny.yaml', 'two');
  await watcher.watch([path('there/p/tiny.yaml')]);
  await noticed(() => {
    renameSync(path(folder), path('old'));
    renameSync(path(folder.replace('there', 'other')), path(folder));
  });
  await noticed(edit);
});

test.each([
  ['a folder', 'one', 'two', 'there/p'],
  ['a file', 'one/tiny.yaml', 'two/tiny.yaml', 'there/p/tiny.yaml'],
])('a link to %s is swapped', async (_, first, second, link) => {
  write('one/tiny.yaml', '1');
  write('two/tiny.yaml', '2');
  mkdirSync(join(path(link), '..'), { recursive: true });
  symlinkSync(path(first), path(link));
  await watcher.watch([path('there/p/tiny.yaml')]);
  symlinkSync(path(second), path('new'));
  await noticed(() => {
    renameSync(path('new'), path(link));
  });
  await noticed(() => {
    write('two/tiny.yaml', 'edited');
  });
});

test('a file that was written after it was read and before it is watched', async () => {
  const readAt = Date.now() - 60_000;
  write('tiny.yaml', 'one');
  utimesSync(path('tiny.yaml'), new Date(0), new Date(0));
  await noticed(() => {
    void watcher.watch([path('tiny.yaml')], readAt);
  });
});

test('a file next to it, or one that is watched no more: nothing', async () => {
  write('there/p/tiny.yaml', 'one');
  write('there/p/base.yaml', 'one');
  await watcher.watch([path('there/p/tiny.yaml'), path('there/p/base.yaml')]);
  await watcher.watch([path('there/p/tiny.yaml')], Date.now() + 60_000);
  write('there/p/base.yaml', 'edited');
  write('there/p/other.yaml', 'new');
  await noticed(edit);
  expect(saves).toBe(1);
});
