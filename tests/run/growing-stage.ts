/**
 * A user's stage that goes on from what it left: it appends the numbers up to `to` to a file, each a checkpoint of its own,
 * and is interrupted at the number in the file stop-at of its pipeline's folder. It logs where it began.
 */
export const growingStage = `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineStage, Interrupted, Type } from 'pipe';

export default defineStage({
  name: 'grow',
  version: 1,
  summary: 'Grows.',
  params: Type.Object({
    to: Type.Integer({ description: 'The last number.', default: 4 }),
    word: Type.String({ description: 'What is before each.', default: '' }),
  }),
  inputs: { before: { kind: 'files', description: 'Before.', optional: true } },
  outputs: { files: { kind: 'files', description: 'numbers.txt' } },
  metrics: { number: { description: 'The number.', direction: 'none' } },
  resumable: ['to'],
  async run({ params: { to, word }, pipelineDir, emit, inputs, resume, outputDir }) {
    const stop = join(pipelineDir, 'stop-at');
    const stopAt = existsSync(stop) ? readFileSync(stop, 'utf8') : undefined;
    const path = join(outputDir, 'numbers.txt');
    const begin = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\\n').length : 0;
    resume?.keepMetrics(step => step <= begin);
    resume?.markReproducible();
    emit({ type: 'log', level: 'notice', text: 'from ' + begin });
    if (begin === 0) appendFileSync(path, (inputs.before?.files ?? []).join() + '\\n');
    for (let step = Math.max(begin, 1); step <= to; step++) {
      if (String(step) === stopAt) throw new Interrupted();
      emit({ type: 'metric', step, values: { number: step } });
      emit({ type: 'checkpoint' });
      appendFileSync(path, word + step + '\\n');
    }
    emit({ type: 'publish', path: 'numbers.txt' });
    return { files: { kind: 'files', dir: outputDir, files: ['numbers.txt'] } };
  },
});
`;
