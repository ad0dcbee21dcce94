/** The process of a run, which `pipe run` or `pipe watch` starts and follows. */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { DATA, joinWatcher, tellAll } from '../run/process/watched.ts';
import { throttleProgress } from '../run/throttle.ts';
import { main } from './main.ts';
import { isJsonLines } from './command-line.ts';

const leave = joinWatcher();

/** stdout for scripts: only the command itself writes to it. */
const data = new Writable({
  decodeStrings: true,
  write(chunk: Buffer, _encoding, done) {
    try {
      writeAll(chunk);
      done();
    } catch (error) {
      // A reader that has closed is not an error.
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') done();
      else done(error as Error);
    }
  },
});

function writeAll(chunk: Buffer): void {
  for (let at = 0; at < chunk.length;) {
    try {
      at += writeSync(DATA, chunk, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const { stderr, env } = process;
// Without a reader, the run continues silently.
stderr.on('error', () => {});
let unwritten = false;
data.on('error', ({ message }) => {
  unwritten = true;
  stderr.write(`error: cannot write to stdout: ${message}\n`);
});
const stdout = Object.assign(data, { isTTY: isatty(DATA), columns: stderr.columns });
const argv = process.argv.slice(2);
const observed = isJsonLines(argv) && { emit: throttleProgress(tellAll) };
const exitCode = await main(argv, { stdout, stderr, env, cwd: process.cwd(), ...observed });
await leave(unwritten ? exitCode || 1 : exitCode);
