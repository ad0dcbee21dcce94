/** A user's stage file for tests of the command as a process: `ends` says by what means it ends, or does not. */
export const endingStage = `
import { spawnSync } from 'node:child_process';
import { writeFileSync, writeSync } from 'node:fs';
import { defineStage, Type } from 'pipe';

console.log('printed while it is loaded');

const ways: Record<string, () => unknown> = {
  well: () => {},
  exit: () => process.exit(0),
  reallyExit: () => (process as unknown as { reallyExit(code: number): void }).reallyExit(0),
  abort: () => process.abort(),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  never: () => new Promise(() => {}),
  loop: () => {
    for (;;);
  },
  later: () => {
    setImmediate(() => {
      setImmediate(() => {
        throw new Error('too late');
      });
    });
  },
  waits: () => new Promise(() => setInterval(() => {}, 1000)),
  leavesOpen: () => {
    setInterval(() => {}, 1000);
  },
  prints: () => {
    console.log('logged');
    writeSync(1, 'raw\\\\n');
    spawnSync('echo', ['of a child'], { stdio: 'inherit' });
  },
};

export default defineStage({
  name: 'ending',
  version: 1,
  summary: 'Ends.',
  params: Type.Object({ ends: Type.String({ description: 'How it ends.', default: 'well' }) }),
  inputs: { before: { kind: 'files', description: 'Only for the order.', optional: true } },
  outputs: { out: { kind: 'files', description: 'A file.' } },
  metrics: { number: { description: 'A number.', direction: 'none' } },
  async run({ params, outputDir, emit }) {
    emit({ type: 'metric', step: 1, values: { number: 1 } });
    emit({ type: 'log', level: 'warning', text: 'began' });
    await ways[params.ends]?.();
    writeFileSync(outputDir + '/out.txt', 'out');
    return { out: { kind: 'files', dir: outputDir, files: ['out.txt'] } };
  },
});
`.replaceAll('\\\\n', '\\n');
