import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StageCache } from '../../src/cache/cache.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { chainOf, chainStage, pointsIn } from '../rig/chain-stage.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';

/** How many runs there are, by so many at once; `TEST_RUNS=50` for more of them. */
const RUNS = Number(process.env['TEST_RUNS'] ?? 25);
const AT_ONCE = 10;
const STEPS = 4;

/** All have the first stage in common, every fifth the second; the third is each one's own. */
const pipeline = `name: chain
stages:
  - { use: ./chain.ts, id: first, params: { steps: ${STEPS} } }
  - { use: ./chain.ts, id: second, params: { steps: ${STEPS} } }
  - { use: ./chain.ts, id: third, params: { steps: ${STEPS} } }
`;

test(`${RUNS} runs on one registry and one cache are as many experiments, each with its own results`, async () => {
  const place = await makeProject({ 'chain.yaml': pipeline, 'chain.ts': chainStage });
  const ids = new Map<number, string>();
  let next = 0;
  const lane = async () => {
    for (let run = next++; run < RUNS; run = next++) {
      const set = [`second.word=s${run % 5}`, `third.word=t${run}`].flatMap(each => ['--set', each]);
      const { exitCode, stdout, stderr } = await runPipe(['run', 'chain.yaml', ...set], { cwd: place.dir });
      expect(exitCode, stderr).toBe(0);
      ids.set(run, stdout.trim());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));

  const registry = openRegistry(place.path('experiments'));
  const all = Array.from({ length: RUNS }, (_, index) => `exp-${index + 1}`);
  expect([...ids.values()].sort()).toEqual(all.toSorted());
  const { experiments, unreadable } = await registry.list();
  expect(unreadable).toEqual([]);
  expect(experiments.map(({ id, status }) => `${id} ${status}`)).toEqual(all.map(id => `${id} finished`));
  for (const [run, id] of ids) {
    const read = (path: string) => readFileSync(join(registry.dir, id, path), 'utf8');
    const { points, state } = chainOf({ first: '', second: `s${run % 5}`, third: `t${run}` }, STEPS);
    expect(read('stages/third/output/state.json')).toBe(state);
    expect(pointsIn(read('metrics.jsonl'))).toEqual(points);
  }
  // Those that began together may each have done the first stage by themselves; no later one did.
  const reused = experiments.filter(({ record }) => record.stages[0]?.status === 'reused');
  expect(reused.length).toBeGreaterThanOrEqual(RUNS - AT_ONCE);
  expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  const cache = new StageCache(registry.dir);
  const entries = readdirSync(join(registry.dir, '.cache')).filter(name => name !== 'digests');
  expect(entries).toHaveLength(1 + 5 + RUNS);
  for (const name of entries) expect(await cache.find(name)).toHaveProperty('entry');
});
