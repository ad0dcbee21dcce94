/**
 * A program: runs commands on copies of a project in which one file of the registry is replaced by something else, and prints
 * a line of JSON before and after each. What holds up a command holds up this process, and nobody else.
 *
 *     node replaced-files-process.js <project> <copy> <cases as JSON: [file, replacement, command][]>
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';

// By its address, so that type checks and lint do not read all of the bundle.
const { main } = await import(new URL('../../dist/cli/main.js', import.meta.url).href);

const REPLACEMENTS = {
  'a named pipe': path => void spawnSync('mkfifo', [path]),
  'a folder': path => void mkdirSync(path),
  'an endless device': path => symlinkSync('/dev/zero', path),
  'a file of a terabyte': path => {
    spawnSync('touch', [path]);
    truncateSync(path, 2 ** 40);
  },
};

const [project, copy, cases] = process.argv.slice(2);
const { write } = process.stdout;
const print = about => void write.call(process.stdout, `${JSON.stringify(about)}\n`);

for (const [file, replacement, command] of JSON.parse(readFileSync(cases, 'utf8'))) {
  rmSync(copy, { recursive: true, force: true });
  cpSync(project, copy, { recursive: true, preserveTimestamps: true });
  rmSync(join(copy, file));
  REPLACEMENTS[replacement](join(copy, file));
  print({ begins: `${command} with ${replacement} in place of ${file}` });
  let stderr = '';
  const sink = take =>
    new Writable({
      write(chunk, _encoding, done) {
        take(chunk.toString());
        done();
      },
    });
  const io = {
    stdout: sink(() => {}),
    stderr: sink(text => (stderr += text)),
    env: { NO_COLOR: '1', PATH: process.env.PATH, HOME: process.env.HOME },
    cwd: copy,
  };
  const began = performance.now();
  const exitCode = await main(command.split(' '), io).catch(error => `threw ${error.stack}`);
  print({ exitCode, stderr, ms: performance.now() - began });
}
