import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = '.work';
const DAY = 24 * 60 * 60 * 1000;

/**
 * Runs `work` in a new folder inside `parent` and removes the folder afterwards. The folder's name says whose it is, so
 * that what a killed process left behind is removed by the next one, and a living one's folder never is.
 */
export async function inWorkspace<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const owner = `${process.pid}-${await startTime(process.pid)}`;
  const dir = join(parent, [PREFIX, hostname(), owner, randomUUID()].join('~'));
  await mkdir(dir);
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const dir = join(parent, name);
    if (name.startsWith(`${PREFIX}~`) && (await isAbandoned(dir, name)))
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Another host's processes cannot be seen from here: its folders are left alone for a day. */
async function isAbandoned(dir: string, name: string): Promise<boolean> {
  const [, host, owner = ''] = name.split('~');
  if (host !== hostname()) {
    const { mtimeMs } = await stat(dir);
    return Date.now() - mtimeMs > DAY;
  }
  const [pid = '', started] = owner.split('-');
  return (await startTime(Number(pid))) !== started;
}

/** When the process started, in clock ticks since boot, or `gone`. A process id alone may be used again. */
async function startTime(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The command's name stands in parentheses and may hold spaces; the start time is the 20th field after it.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 'gone';
}
