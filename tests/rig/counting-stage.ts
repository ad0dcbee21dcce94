/**
 * A user's stage file for tests of the command as a process: counts to `to`, and says `at 1` as a warning, which plain lines
 * show at once. With `to: 0` it counts until it is stopped; with `deaf: true` it does not listen.
 */
export const countingStage = `
import { setImmediate } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Interrupted, Type } from 'pipe';

export default defineStage({
  name: 'count',
  version: 1,
  summary: 'Counts.',
  params: Type.Object({
    to: Type.Integer({ description: 'The last number; 0 for no end.', default: 3 }),
    deaf: Type.Boolean({ description: 'Takes no notice of Ctrl-C.', default: false }),
  }),
  inputs: { before: { kind: 'files', description: 'Only for the order.', optional: true } },
  outputs: { counted: { kind: 'files', description: 'The last number.' } },
  metrics: { number: { description: 'The number.', direction: 'none' } },
  async run(context) {
    const { to, deaf } = context.params;
    console.log('counting');
    for (let number = 1; to === 0 || number <= to; number++) {
      context.emit({ type: 'progress', done: number, unit: 'numbers' });
      if (to > 0) context.emit({ type: 'metric', step: number, values: { number } });
      if (number === 1) context.emit({ type: 'log', level: 'warning', text: 'at 1' });
      await setImmediate();
      if (context.signal.aborted && !deaf) {
        await writeFile(join(context.outputDir, 'number.txt'), 'saved');
        context.report('saved');
        throw new Interrupted();
      }
    }
    await writeFile(join(context.outputDir, 'number.txt'), String(to));
    context.emit({ type: 'publish', path: 'number.txt' });
    context.report(\`counted to \${to}\`);
    return { counted: { kind: 'files', dir: context.outputDir, files: ['number.txt'] } };
  },
});
`;
