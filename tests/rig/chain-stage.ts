import { createHash } from 'node:crypto';

/**
 * A user's stage for tests that kill it: a chain of hashes, each made of the one before, of the parameter and of the last of
 * the stage before. It keeps its state at every step, says so in a line, measures, publishes, pauses and resumes from what it left;
 * so whatever was lost or done twice shows in its last hash, or in its metrics.
 */
export const chainStage = `
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { defineStage, Paused, Type } from 'pipe';

const sha256 = (...texts: string[]) => createHash('sha256').update(texts.join()).digest('hex');

export default defineStage({
  name: 'chain',
  version: 1,
  summary: 'Hashes.',
  params: Type.Object({
    steps: Type.Integer({ description: 'How many.', default: 10 }),
    word: Type.String({ description: 'What goes into each.', default: '' }),
  }),
  inputs: { before: { kind: 'files', description: 'A chain.', optional: true } },
  outputs: { chain: { kind: 'files', description: 'The last hash.' } },
  metrics: { hash: { description: 'Of the last hash.', direction: 'none' } },
  resumable: { parameters: ['steps'], pausable: true },
  async run({ params: { steps, word }, inputs: { before }, emit, outputDir, pauseAt, resume, report }) {
    const first = before === undefined ? '' : readFileSync(join(before.dir, 'state.json'), 'utf8');
    const path = join(outputDir, 'state.json');
    let state = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { step: 0, hash: sha256(first) };
    const publish = (step: number) => {
      const file = 'pictures/' + step + '.txt';
      if (!existsSync(join(outputDir, file))) writeFileSync(join(outputDir, file), 'picture ' + step);
      emit({ type: 'publish', path: file });
    };
    mkdirSync(join(outputDir, 'pictures'), { recursive: true });
    const kept = resume?.keepMetrics(step => step <= state.step);
    if (kept === state.step) resume?.markReproducible();
    for (let step = 1; step <= state.step; step++) publish(step);
    while (state.step < steps) {
      if (state.step === pauseAt) throw new Paused('step', state.step, steps);
      const step = state.step + 1;
      const hash = sha256(state.hash, word);
      emit({ type: 'metric', step, values: { hash: parseInt(hash.slice(0, 8), 16) } });
      emit({ type: 'progress', done: step, total: steps, unit: 'steps' });
      emit({ type: 'log', level: 'warning', text: 'step ' + step });
      publish(step);
      emit({ type: 'checkpoint' });
      state = { step, hash };
      writeFileSync(path + '.new', JSON.stringify(state));
      renameSync(path + '.new', path);
      await setImmediate();
    }
    report(state.hash.slice(0, 8));
    return { chain: { kind: 'files', dir: outputDir, files: ['state.json'] } };
  },
});
`;

interface Point {
  readonly stage: string;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The points and the last state of a pipeline of such stages, each following the one before. Their words, by their ids. */
export function chainOf(words: Readonly<Record<string, string>>, steps: number) {
  const points: Point[] = [];
  let state = '';
  for (const [stage, word] of Object.entries(words)) {
    let hash = sha256(state);
    for (let step = 1; step <= steps; step++) {
      hash = sha256(`${hash},${word}`);
      points.push({ stage, step, values: { hash: parseInt(hash.slice(0, 8), 16) } });
    }
    state = JSON.stringify({ step: steps, hash });
  }
  return { points, state };
}

/** The points of a metrics.jsonl, without their times. */
export const pointsIn = (text: string): readonly Point[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Point)
    .map(({ stage, step, values }) => ({ stage, step, values }));
