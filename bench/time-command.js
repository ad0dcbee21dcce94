/** Times `pipe` as people feel it: whole processes, from start to exit. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pipe = fileURLToPath(new URL('../bin/pipe.js', import.meta.url));

export const REPETITIONS = 7;

/**
 * Prints the median time of a command. `prepare` runs before each repetition, outside of the time; `exitCode` is what the command
 * has to answer; `goal` is the milliseconds that it may take.
 */
export function timeCommand(title, args, { cwd, env = {}, prepare = () => {}, exitCode = 0, goal }) {
  const times = Array.from({ length: REPETITIONS }, () => {
    prepare();
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [pipe, ...args], {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    if (status !== exitCode) throw new Error(`${title} ended with ${status}:\n${stderr}`);
    return performance.now() - started;
  });
  printTime(title, median(times), goal);
}

export function printTime(title, ms, goal) {
  const beside = goal === undefined ? '' : `   goal ${goal} ms${ms <= goal ? '' : ', missed'}`;
  console.log(`${title.padEnd(44)}${ms.toFixed(0).padStart(6)} ms${beside}`);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
