import { Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

export interface Terminal {
  readonly columns: number;
}

/**
 * Runs the command line in this process, in a folder of its own. With a `terminal`, stdout is one of that width;
 * otherwise a pipe.
 */
export async function runMain(
  argv: readonly string[],
  cwd: string,
  { terminal, env = {} }: { readonly terminal?: Terminal; readonly env?: Record<string, string> } = {},
) {
  const output = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof output): Io['stdout'] => {
    const writable = new Writable({
      write(chunk: Buffer, _encoding, done) {
        output[name] += chunk.toString();
        done();
      },
    });
    return terminal === undefined ? writable : Object.assign(writable, { isTTY: true, ...terminal });
  };
  const exitCode = await main(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { PIPE_SETUP: 'never', ...env },
    cwd,
  });
  return { exitCode, ...output };
}
