/** Shared functions of scripts/check.js and scripts/quickstart.js. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '..', '..');

/** The command of an installed package. */
export const tool = name => join(root, 'node_modules', '.bin', name);

/** pipe's own command. */
export const pipe = [process.execPath, join(root, 'bin', 'pipe.js')];

export const say = text => process.stdout.write(`${text}\n`);

// Ctrl-C reaches the running command as well: this process ends after it.
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));

/**
 * Runs a command in the repository's root; returns its exit code, and what came from the streams to capture: of
 * `'stdout'`, `'stderr'`. After a Ctrl-C it ends this process.
 */
export async function run([command, ...args], { capture = [] } = {}) {
  const streams = ['stdout', 'stderr'].map(name => (capture.includes(name) ? 'pipe' : 'inherit'));
  const stdio = ['inherit', ...streams];
  const child = spawn(command, args, { cwd: root, stdio });
  let captured = '';
  for (const name of capture) child[name].setEncoding('utf8').on('data', text => (captured += text));
  const forward = signal => child.kill(signal);
  process.once('SIGTERM', forward);
  const exitCode = await new Promise(done => {
    child.once('error', error => {
      say(`${command}: ${error.message}`);
      done(1);
    });
    child.once('close', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  process.off('SIGTERM', forward);
  if (interrupted) process.exit(130);
  return { exitCode, captured };
}
