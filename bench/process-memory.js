/** Memory of a process and of those that it started, as Linux tells it. */
import { readFileSync } from 'node:fs';

const PAGE = 4096;

/** Resident memory in MB of a process with all below it, now: `{ at, mb }`, at in milliseconds. Shared pages count for each. */
export function memoryOf(pid) {
  const pages = processesOf(pid).map(each => Number(read(`/proc/${each}/statm`)?.split(' ')[1] ?? 0));
  return { at: Date.now(), mb: (pages.reduce((sum, count) => sum + count, 0) * PAGE) / 2 ** 20 };
}

function processesOf(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ').filter(Boolean) ?? [];
  return [pid, ...children.flatMap(processesOf)];
}

/** Undefined once the process is gone. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
