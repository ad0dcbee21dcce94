/** Scores of stages of one's own, from their events to every command that shows them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { makeProject, runPipe } from '../rig/pipe.ts';

const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../schema/events.schema.json', import.meta.url)), 'utf8'),
) as object;
const isLine = new Ajv({ strict: false }).compile(schema);

const scoring = `import { defineStage, Type } from 'pipe-dl';

export default defineStage({
  name: 'score',
  version: 1,
  summary: 'Scores nothing.',
  params: Type.Object({ kid: Type.Number(), pictures: Type.Integer(), embedding: Type.String() }),
  inputs: {},
  outputs: {},
  metrics: { kid: { direction: 'min', description: 'Kernel distance.' } },
  async run({ params: { kid, pictures, embedding }, emit }) {
    const interval = [kid - 0.0625, kid + 0.0625];
    const protocol = [embedding, pictures, 'seen-in-training'].join('/');
    emit({ type: 'metric', step: 1, values: { kid }, protocol, intervals: { kid: interval } });
    return {};
  },
});
`;

const pipeline = `name: p
stages:
  - { use: ./mine/score.ts, id: near, params: { kid: 0.5, pictures: 1000, embedding: cifar@1 } }
  - { use: ./mine/score.ts, id: far, params: { kid: 4, pictures: 1000, embedding: inception@2 } }
`;

test('scores of two embeddings in one pipeline are told, kept, compared and reproduced', async () => {
  const project = await makeProject({ 'p.yaml': pipeline, 'mine/score.ts': scoring });
  const pipe = (...args: readonly string[]) => runPipe(args, { cwd: project.dir });
  const told = await pipe('run', 'p.yaml', '--progress', 'jsonl');
  const lines = told.stderr.trimEnd().split('\n');
  const metrics = lines
    .filter(line => line.includes('"type":"metric"'))
    .map(line => JSON.parse(line) as object);
  expect(metrics.map(metric => isLine(metric))).toEqual([true, true]);
  expect(metrics[0]).toMatchObject({
    protocol: 'cifar@1/1000/seen-in-training',
    intervals: { kid: [0.4375, 0.5625] },
  });

  // The second stage's score comes from the cache, the first one's is another.
  await pipe('run', 'p.yaml', '--set', 'near.kid=0.25');
  expect(
    (await project.readJson<{ metrics: object }>('experiments/exp-2/experiment.json')).metrics,
  ).toMatchObject({
    kid: { last: 0.25, protocol: 'cifar@1/1000/seen-in-training', interval: [0.1875, 0.3125] },
  });
  const compared = await pipe('compare', 'exp-1', 'exp-2');
  expect(compared.stdout).toContain(`
Metrics
kid (a)      0.50 ± 0.06          0.25 ± 0.06 *
far.kid (b)  4.00 ± 0.06          4.00 ± 0.06
`);
  expect(compared.stdout).toContain(`
(a) measured as cifar@1/1000/seen-in-training
(b) measured as inception@2/1000/seen-in-training
`);

  await pipe('run', 'p.yaml', '--set', 'near.kid=0.25', '--set', 'near.pictures=500');
  const apart = await pipe('compare', 'exp-1', 'exp-3');
  expect(apart.stderr).toBe(
    'kid of exp-1 and exp-3 was measured differently: 1000 in exp-1; 500 in exp-3. Rerun near with the same settings to compare.\n',
  );

  const again = await pipe('reproduce', 'exp-2');
  expect(again.exitCode).toBe(0);
  expect(again.stdout).toContain('near  equal  1 point\n');
});
