import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { Range } from '../../../src/plan/select.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { decideStages } from '../../../src/run/decide/decide.ts';
import { describePlan } from '../../../src/cli/describe-plan.ts';
import { filesIn, planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

const three = (params: TestStage['params'] = { limit: 10, range: [-1, 1] }): readonly TestStage[] => [
  { id: 'data', params },
  { id: 'train', inputs: { dataset: 'data' } },
  { id: 'sample', inputs: { model: 'train' } },
];

const decide = (folder: string, range: Range, stages = three(), name?: string) =>
  decideStages(planOf(stages, name), range, openRegistry(folder));

const writeText: TestStage['run'] = async ({ outputDir }) => {
  await writeFile(join(outputDir, 'text.txt'), 'text');
  return { files: filesIn(outputDir, 'text.txt') };
};

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof Failure) return error;
  throw new Error('expected a Failure');
}

test('without --from and --to everything runs', async () => {
  const decisions = await decide(await temporaryFolder(), {});
  expect([...decisions.values()]).toEqual([{ kind: 'run' }, { kind: 'run' }, { kind: 'run' }]);
});

describe('--to', () => {
  test('skips what comes after', async () => {
    const decisions = await decide(await temporaryFolder(), { to: 'data' });
    expect(decisions.get('data')).toEqual({ kind: 'run' });
    expect(decisions.get('sample')).toEqual({ kind: 'skip', reason: 'comes after --to data' });
  });

  test('a stage that is not there', async () => {
    const failure = await failureOf(decide(await temporaryFolder(), { to: 'trian' }));
    expect(failure.exitCode).toBe(2);
    expect(failure.problems[0]).toMatchObject({ suggestion: 'train' });
  });
});

describe('--from', () => {
  test('takes earlier stages from the latest experiment that has them', async () => {
    const registry = await temporaryFolder();
    await run(planOf(three()), { registry });
    const second = await run(planOf(three()), { registry });
    await run(planOf(three({ limit: 99, range: [-1, 1] })), { registry });
    await run(planOf(three(), 'another'), { registry });

    const decisions = await decide(registry, { from: 'train' });
    const output = filesIn(join(second.outcome.dir, 'stages', 'data', 'output'));
    expect(decisions.get('data')).toEqual({ kind: 'reuse', experiment: 'exp-2', outputs: { files: output } });
    expect(decisions.get('train')).toEqual({ kind: 'run' });

    const third = await run(planOf(three()), { registry, decisions });
    expect(third.record.stages.map(({ status }) => status)).toEqual(['reused', 'ran', 'ran']);
    const again = await decide(registry, { from: 'sample' });
    expect(again.get('data')).toMatchObject({ experiment: third.outcome.id, outputs: { files: output } });
  });

  test('a stage that failed there does not serve, those before it do', async () => {
    const registry = await temporaryFolder();
    const failing = three().map(stage =>
      stage.id === 'train' ? { ...stage, run: () => Promise.reject(new Error('no')) } : stage,
    );
    await run(planOf(failing), { registry });
    expect((await decide(registry, { from: 'train' })).get('data')).toMatchObject({ experiment: 'exp-1' });
    const failure = await failureOf(decide(registry, { from: 'sample' }));
    expect(failure.details).toEqual(['exp-1: its stage train is failed']);
  });

  test.each<[string, readonly TestStage[], string]>([
    ['a parameter', three({ limit: 20, range: [-1, 1] }), 'its data.limit is 10, here 20'],
    ['a list', three({ limit: 10, range: [0, 1] }), 'its data.range is [-1,1], here [0,1]'],
    [
      'a parameter that is new',
      three({ limit: 10, range: [-1, 1], more: true }),
      'its data.more is –, here true',
    ],
    [
      'the stage’s version',
      [{ ...three()[0], id: 'data', version: 2 }, ...three().slice(1)],
      'its data is of version 1, here 2',
    ],
    [
      'what the stage is',
      [{ ...three()[0], id: 'data', use: 'other' }, ...three().slice(1)],
      'its data uses data, here other',
    ],
    ['a stage that is new', [{ id: 'first' }, ...three()], 'it has no stage first'],
  ])('says what is different: %s', async (_, stages, reason) => {
    const registry = await temporaryFolder();
    await run(planOf(three()), { registry });
    const failure = await failureOf(decide(registry, { from: 'train' }, stages));
    expect(failure).toMatchObject({
      exitCode: 2,
      details: [`exp-1: ${reason}`],
      hint: 'run it without --from',
    });
  });

  test('an output that was deleted does not serve', async () => {
    const registry = await temporaryFolder();
    const { outcome } = await run(planOf(three()), { registry });
    const output = join(outcome.dir, 'stages', 'data', 'output');
    await rm(output, { recursive: true });
    const failure = await failureOf(decide(registry, { from: 'train' }));
    expect(failure.details).toEqual([`exp-1: the folder of data.files is gone: ${output}`]);
  });

  test('an output of which a file was changed does not serve', async () => {
    const registry = await temporaryFolder();
    const writing = three().map(stage => ({ ...stage, run: writeText }));
    const { outcome } = await run(planOf(writing), { registry });
    const file = join(outcome.dir, 'stages', 'data', 'output', 'text.txt');
    await writeFile(file, 'others');
    const failure = await failureOf(decide(registry, { from: 'train' }));
    expect(failure.details).toEqual([`exp-1: what its data gave was changed: ${file}`]);
  });

  test('without any experiment', async () => {
    const failure = await failureOf(decide(await temporaryFolder(), { from: 'train' }));
    expect(failure.message).toBe('no experiment of pipeline "tiny" has outputs that could stand for data');
    expect(failure.details).toEqual(['it has no experiments yet']);
  });
});

test('--dry-run says for each stage what would happen, and where its inputs come from', async () => {
  const registry = await temporaryFolder();
  await run(planOf(three()), { registry });
  const stages = three().map(stage =>
    stage.id === 'sample' ? { ...stage, use: '/work/place/stages/sample.ts' } : stage,
  );
  const plan = planOf(stages);
  const decisions = await decideStages(plan, { from: 'train', to: 'train' }, openRegistry(registry));
  expect(describePlan(plan, decisions, '/work/place')).toBe(`pipeline tiny, seed 7, from tiny.yaml
  data                        reused from exp-1
  train                       will run                         dataset ← data.files
  sample  ./stages/sample.ts  skipped, comes after --to train  model ← train.files
`);
});
