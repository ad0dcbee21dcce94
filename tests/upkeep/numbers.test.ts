import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { startProgram, temporaryRegistry } from '../registry/rig.ts';
import { experiment, pipe } from './rig.ts';

const program = new URL('upkeep-process.ts', import.meta.url);

it('no number is given twice: not of one in the trash, nor of one that is gone for good or was deleted by hand', async () => {
  const registry = temporaryRegistry();
  await experiment(registry);
  await experiment(registry);
  await pipe(registry, 'rm', 'exp-2');
  expect((await experiment(registry)).id).toBe('exp-3');
  await pipe(registry, 'rm', 'exp-1', 'exp-3');
  await pipe(registry, 'gc', '--empty-trash');
  expect(readdirSync(join(registry.dir, '.trash'))).toEqual([]);
  const fourth = await experiment(registry);
  expect(fourth.id).toBe('exp-4');
  rmSync(fourth.dir, { recursive: true });
  expect((await experiment(registry)).id).toBe('exp-5');
});

it('the number of an experiment of before numbers were kept is not given again either', async () => {
  const registry = temporaryRegistry();
  await experiment(registry);
  rmSync(join(registry.dir, '.numbers'), { recursive: true });
  await pipe(registry, 'rm', 'exp-1');
  await pipe(registry, 'gc', '--empty-trash');
  expect((await registry.claim(newExperiment())).id).toBe('exp-2');
});

it('processes that claim, remove and empty at the same time, and are killed, never get a number twice', async () => {
  const registry = temporaryRegistry();
  const given: string[] = [];
  for (let round = 0; round < 2; round++) {
    const start = (task: string) => startProgram(program, [task, registry.dir]);
    const claimers = await Promise.all([start('claim'), start('claim')]);
    const others = await Promise.all([start('churn'), start('empty')]);
    await Promise.all(claimers.map(({ printed }) => printed(/^turn 8$/m)));
    for (const { subprocess } of [...claimers, ...others]) subprocess.kill('SIGKILL');
    for (const { subprocess } of others) expect((await subprocess).stderr).toBe('');
    for (const { subprocess } of claimers)
      given.push(...((await subprocess).stdout.match(/exp-\d+(?=\n)/g) ?? []));
    expect((await registry.list()).unreadable).toEqual([]);
  }
  expect(given.length).toBeGreaterThan(30);
  expect(new Set(given).size).toBe(given.length);
});
