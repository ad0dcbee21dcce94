import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { cancellation } from '../../src/run/execute/cancel.ts';
import { planReproduction } from '../../src/run/reproduce/plan.ts';
import { planResumption, type ResumeOptions } from '../../src/run/resume.ts';
import { decide, execute, loadValidPlan, type RunRange } from '../../src/run/session.ts';
import { runMain } from '../cli/run-main.ts';
import { growingStage } from './growing-stage.ts';
import { RecordingDisplay, temporaryFolder } from './rig.ts';

const pipeline = `name: numbers
stages:
  - { use: ./grow.ts, id: seeds, params: { to: 2 } }
  - { use: ./grow.ts, id: plants }
  - { use: ./pick.ts }
`;

/** The same, of other code. */
const changedStage = growingStage.replace("summary: 'Grows.'", "summary: 'Grows well.'");

/** The same, but never goes on. */
const pick = growingStage.replace("name: 'grow'", "name: 'pick'").replace("resumable: ['to'],", '');

let dir = '';

beforeEach(async () => {
  dir = await temporaryFolder();
  await place({ 'numbers.yaml': pipeline, 'grow.ts': growingStage, 'pick.ts': pick });
});

const place = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
};

interface Place {
  readonly stopAt?: number | undefined;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const sessionIn = ({ stopAt, cwd = dir, env = {} }: Place) => {
  if (stopAt === undefined) rmSync(join(dir, 'stop-at'), { force: true });
  else writeFileSync(join(dir, 'stop-at'), String(stopAt));
  return { cwd, env, experiments: join(dir, 'experiments'), command: ['pipe'] };
};

async function finish(...[plan, decided, session, , target]: Parameters<typeof execute>) {
  const display = new RecordingDisplay();
  const outcome = await execute(
    plan,
    decided,
    session,
    { emit: display.observe, cancellation: cancellation() },
    target,
  );
  const { record } = await openRegistry(session.experiments ?? '').read(outcome.id);
  return { ...outcome, record, display, notes: decided.notes ?? [] };
}

/** `pipe run`: the experiment, or the one that it would equal. */
async function run(options: RunRange & Place & { readonly set?: readonly string[] } = {}) {
  const session = sessionIn(options);
  const plan = await loadValidPlan(join(dir, 'numbers.yaml'), options.set ?? [], session);
  const { from, to, force, forceStages } = options;
  const range = { from, to, force, forceStages };
  const decided = await decide(plan, range, session);
  if (decided.equals !== undefined) return `equals ${decided.equals}`;
  const given = JSON.parse(JSON.stringify(range)) as NonNullable<ExperimentRecord['range']>;
  const show = undefined as never;
  return finish(plan, decided, session, show, { kind: 'new', parent: null, range: given });
}

/** `pipe resume`, in the same way. */
async function resume(id: string, { set = [], ...options }: Partial<ResumeOptions> & Place = {}) {
  const session = sessionIn(options);
  const { plan, decided, target } = await planResumption(id, { set, ...options }, session);
  if (decided.equals !== undefined) return `equals ${decided.equals}`;
  return finish(plan, decided, session, undefined as never, target);
}

type Done = Exclude<Awaited<ReturnType<typeof run>>, string>;

/** What became of an experiment that was made. */
const made = (outcome: Done | string): Done => {
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome;
};

const statuses = ({ record }: Done) => record.stages.map(({ status }) => status);
const began = ({ display }: Done) => display.notices;
const numbers = (id: string, stage: string) =>
  readFile(join(dir, 'experiments', id, 'stages', stage, 'output', 'numbers.txt'), 'utf8');
const points = async (id: string) => {
  const text = await readFile(join(dir, 'experiments', id, 'metrics.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { stage: string; step: number })
    .map(({ stage, step }) => `${stage} ${step}`);
};

async function changeRecord(id: string, change: (record: ExperimentRecord) => void) {
  const path = join(dir, 'experiments', id, 'experiment.json');
  const record = JSON.parse(await readFile(path, 'utf8')) as ExperimentRecord;
  change(record);
  await writeFile(path, JSON.stringify(record));
}

const stageOf = (record: ExperimentRecord, id: string) => {
  const stage = record.stages.find(each => each.id === id);
  if (stage === undefined) throw new Error(`no stage ${id}`);
  return stage;
};

const cache = () => join(dir, 'experiments', '.cache');

describe('an experiment that was stopped and went on is what a run without a stop would be', () => {
  test('so nothing changed for a later run', async () => {
    const stopped = made(await run({ stopAt: 3 }));
    expect(stopped.status).toBe('interrupted');
    const resumed = made(await resume('exp-1'));
    expect(resumed.notes).toEqual([]);
    expect(began(resumed)).toEqual(['from 3', 'from 0']);
    expect(await points('exp-1')).toEqual([
      ...['seeds 1', 'seeds 2', 'plants 1', 'plants 2', 'plants 3', 'plants 4'],
      ...['pick 1', 'pick 2', 'pick 3', 'pick 4'],
    ]);
    expect(await run()).toBe('equals exp-1');
    await rm(resumed.dir, { recursive: true });
    expect(statuses(made(await run()))).toEqual(['reused', 'reused', 'reused']);
  });

  test('from another working folder, too', async () => {
    await run({ stopAt: 3 });
    made(await resume('exp-1', { cwd: '/' }));
    expect(await run()).toBe('equals exp-1');
  });

  test('with what ended, though a kill kept it from getting into the cache', async () => {
    await run({ stopAt: 3 });
    await rm(cache(), { recursive: true });
    await resume('exp-1');
    expect(await run()).toBe('equals exp-1');
  });

  test('and takes from the cache what is there by now', async () => {
    await run({ stopAt: 3 });
    made(await run());
    const resumed = made(await resume('exp-1'));
    expect(statuses(resumed)).toEqual(['ran', 'reused', 'reused']);
    expect(await points('exp-1')).toEqual(await points('exp-2').then(each => each));
    expect(await numbers('exp-1', 'plants')).toBe(await numbers('exp-2', 'plants'));
  });
});

describe('a run of a stage that an earlier one was stopped at', () => {
  const stopped = async () => made(await run({ stopAt: 4 }));

  test('resumes from what that left, to the same result, which is kept', async () => {
    await stopped();
    const again = made(await run());
    expect(again).toMatchObject({ id: 'exp-2', status: 'finished' });
    expect(began(again)).toEqual(['from 4', 'from 0']);
    expect(stageOf(again.record, 'plants')).toMatchObject({ status: 'ran', resumedFrom: 'exp-1' });
    expect(await points('exp-2')).toEqual(expect.arrayContaining(['plants 1', 'plants 4']));
    expect(await run()).toBe('equals exp-2');
    const anew = made(await run({ force: true }));
    expect(began(anew)).toEqual(['from 0', 'from 0', 'from 0']);
    expect(await numbers('exp-2', 'plants')).toBe(await numbers(anew.id, 'plants'));
  });

  test('does so when only later stages have other parameters', async () => {
    await stopped();
    expect(began(made(await run({ set: ['pick.word=x'] })))).toEqual(['from 4', 'from 0']);
  });

  test('says so beforehand', async () => {
    await stopped();
    const plan = await loadValidPlan(join(dir, 'numbers.yaml'), [], sessionIn({}));
    const { decisions } = await decide(plan, {}, sessionIn({}));
    expect(decisions.get('plants')).toMatchObject({ kind: 'run', reason: 'resumed from exp-1' });
  });

  test.each<[string, () => unknown, Parameters<typeof run>[0]]>([
    ['by force', () => {}, { force: true }],
    ['with another parameter', () => {}, { set: ['plants.word=x'] }],
    ['with other code', () => place({ 'grow.ts': changedStage }), {}],
    [
      'from what was damaged',
      () => appendFile(join(dir, 'experiments/exp-1/stages/plants/output/numbers.txt'), '9'),
      {},
    ],
    [
      'from what is gone',
      () => rm(join(dir, 'experiments/exp-1/stages/plants/output'), { recursive: true }),
      {},
    ],
    [
      'on another TensorFlow',
      () => changeRecord('exp-1', record => (stageOf(record, 'plants').backend = 'another')),
      {},
    ],
    [
      'in another environment',
      () => changeRecord('exp-1', record => (stageOf(record, 'plants').variables = { MODE: 'x' })),
      {},
    ],
    ['of a run that goes on', () => changeRecord('exp-1', record => (record.status = 'running')), {}],
  ])('begins anew %s', async (_, change, options) => {
    await stopped();
    await change();
    expect(began(made(await run(options)))).not.toContain('from 4');
  });
});

describe('a resumed result is not kept for other runs', () => {
  const isRunAgain = async () => statuses(made(await run()));

  test('when its code changed meanwhile, of which people are told', async () => {
    await run({ stopAt: 3 });
    await place({ 'grow.ts': changedStage });
    const resumed = made(await resume('exp-1'));
    expect(resumed.notes).toEqual([
      'warning: the code of seeds changed since exp-1 began: its previous outputs stay, and what follows from them is not kept for other runs',
      'warning: the code of plants changed since exp-1 began: it resumes from its previous state, and its result is not kept for other runs',
    ]);
    expect(resumed.record.stages.map(({ fingerprint }) => fingerprint === undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(await isRunAgain()).toEqual(['ran', 'ran', 'ran']);
  });

  test('when it was stopped again in between, and nothing changed that time', async () => {
    await run({ stopAt: 2 });
    await place({ 'grow.ts': changedStage });
    await resume('exp-1', { stopAt: 3 });
    await resume('exp-1');
    expect(await isRunAgain()).toEqual(['ran', 'ran', 'ran']);
  });

  test('when data changed that an earlier stage read', async () => {
    const reading = growingStage.replace(
      "word: Type.String({ description: 'What is before each.', default: '' })",
      "word: Type.String({ description: 'A file.', default: './data.txt', path: true })",
    );
    await place({ 'grow.ts': reading, 'data.txt': 'one' });
    await run({ stopAt: 3 });
    await place({ 'data.txt': 'two' });
    const [note] = made(await resume('exp-1')).notes;
    expect(note).toBe(
      'warning: what seeds depends on changed since exp-1 began (data.txt has other content): its previous outputs stay, and what follows from them is not kept for other runs',
    );
    expect(await isRunAgain()).toEqual(['ran', 'ran', 'ran']);
  });

  test('when a variable says no longer where the data is, which is told with the data', async () => {
    const key = `cacheKey: async (_, { env, digest }) => env.CIFAR10_DIR === undefined ? 'none' : digest(env.CIFAR10_DIR),`;
    await place({
      'grow.ts': growingStage.replace('  version: 1,', `  version: 1,\n  ${key}`),
      'data.txt': 'one',
    });
    await run({ stopAt: 3, env: { CIFAR10_DIR: join(dir, 'data.txt') } });
    const [note] = made(await resume('exp-1')).notes;
    expect(note).toBe(
      `warning: what seeds depends on changed since exp-1 began (data.txt was read, and is not read now; CIFAR10_DIR was ${join(dir, 'data.txt')}, and is not set now): its previous outputs stay, and what follows from them is not kept for other runs`,
    );
  });

  test.each([
    ['stages/seeds/output/numbers.txt', 'seeds', ['ran', 'ran', 'ran'], 'its previous outputs stay'],
    [
      'stages/plants/output/numbers.txt',
      'plants',
      ['reused', 'ran', 'ran'],
      'it resumes from its previous state',
    ],
    ['metrics.jsonl', 'seeds', ['reused', 'ran', 'ran'], 'its previous outputs stay'],
  ])(
    'when a byte of %s was flipped meanwhile, of which people are told',
    async (path, stage, again, words) => {
      await run({ stopAt: 3 });
      const file = join('experiments/exp-1', path);
      const text = await readFile(join(dir, file), 'utf8');
      await writeFile(join(dir, file), text.replace('1', '7'));
      const [note] = made(await resume('exp-1')).notes;
      expect(note).toContain(`warning: ${file} is not what ${stage} wrote: ${words}`);
      expect(await isRunAgain()).toEqual(again);
    },
  );

  test('but not from a named pipe in place of what it left, for which the stage would wait for ever', async () => {
    await run({ stopAt: 3 });
    const left = 'experiments/exp-1/stages/plants/output/numbers.txt';
    await rm(join(dir, left));
    execFileSync('mkfifo', [join(dir, left)]);
    const { record } = made(await resume('exp-1'));
    expect(record.failure).toMatchObject({
      stage: 'plants',
      message: `stage "plants" cannot resume from what it left: ${left} is neither a file nor a folder`,
      hint: `remove it (rm ${left}), or put the file itself there, and resume again`,
    });
  });

  test('when it began on another TensorFlow', async () => {
    await run({ stopAt: 3 });
    await changeRecord('exp-1', record => {
      stageOf(record, 'plants').backend = 'native-cpu of another time';
    });
    await resume('exp-1');
    expect(await isRunAgain()).toEqual(['reused', 'ran', 'ran']);
  });

  test('when the stage does not vouch for it', async () => {
    await place({ 'grow.ts': growingStage.replace('resume?.markReproducible();', '') });
    await run({ stopAt: 3 });
    const resumed = made(await resume('exp-1'));
    expect(stageOf(resumed.record, 'plants').fingerprint).toBeUndefined();
    expect(await isRunAgain()).toEqual(['reused', 'ran', 'ran']);
  });
});

describe('an experiment that goes on with other code', () => {
  const source = (path: string) => readFile(join(dir, 'experiments', 'exp-1', path), 'utf8');

  test('has that code too, beside what it began with', async () => {
    await run({ stopAt: 2 });
    await resume('exp-1', { stopAt: 3 });
    await place({ 'grow.ts': changedStage });
    await resume('exp-1', { stopAt: 4 });
    const { record } = made(await resume('exp-1'));
    const [same, changed, sameAgain] = record.resumes ?? [];
    expect(Object.keys(same ?? {})).toEqual(['at', 'ms', 'command', 'previous']);
    expect(Object.keys(sameAgain ?? {})).toEqual(['at', 'ms', 'command', 'previous']);
    expect(changed?.source?.files.map(({ path, copy }) => [path, copy])).toEqual([
      ['grow.ts', 'source/resume-2/files/grow.ts.txt'],
      ['pick.ts', 'source/resume-2/files/pick.ts.txt'],
    ]);
    expect(await source('source/resume-2/files/grow.ts.txt')).toBe(changedStage);
    expect(await source('source/files/grow.ts.txt')).toBe(growingStage);
    const verified = await runMain(['verify', 'exp-1'], dir);
    expect(verified).toMatchObject({
      exitCode: 0,
      stdout: expect.not.stringContaining('unexpected') as string,
    });
    expect((await runMain(['show', 'exp-1'], dir)).stdout).toMatch(
      /^ {2}resumed .* with other code \(source\/resume-2\), \S+ \S+$/m,
    );
  });

  test('is compared by what gave its results, stage by stage, when it is reproduced', async () => {
    await run({ stopAt: 3 });
    await place({ 'grow.ts': changedStage });
    await resume('exp-1');
    const { conditions, inputs } = await planReproduction('exp-1', sessionIn({}));
    expect(conditions).toEqual([]);
    // Both began with the old code, the second went on with the new one.
    expect(inputs.map(({ what }) => what)).toEqual(['code of seeds', 'code of plants']);
    await place({ 'grow.ts': growingStage });
    expect((await planReproduction('exp-1', sessionIn({}))).notes).toEqual([
      `grow.ts as it was: ${join('experiments', 'exp-1', 'source', 'resume-1', 'files', 'grow.ts.txt')}`,
    ]);
  });

  test('from another folder, where nothing changed, is the same', async () => {
    await run({ stopAt: 3 });
    const { record } = made(await resume('exp-1', { cwd: '/' }));
    expect(Object.keys(record.resumes?.[0] ?? {})).toEqual(['at', 'ms', 'command', 'previous']);
  });
});

test('what is done again is recorded with the data that it reads by then', async () => {
  const reading = pick.replace(
    'word: Type.String({',
    "file: Type.String({ description: 'A file.', default: './data.txt', path: true }),\n    word: Type.String({",
  );
  await place({ 'pick.ts': reading, 'data.txt': 'one' });
  const stopped = made(await run({ stopAt: 3 }));
  const [first] = stageOf(stopped.record, 'pick').data ?? [];
  await place({ 'data.txt': 'two' });
  const resumed = made(await resume('exp-1'));
  const [second] = stageOf(resumed.record, 'pick').data ?? [];
  expect(second?.path).toBe(first?.path);
  expect(second?.digest).toBe(createHash('sha256').update('two').digest('hex'));
  await changeRecord('exp-1', record => {
    record.status = 'interrupted';
    Object.assign(stageOf(record, 'pick'), { status: 'skipped', data: [first] });
  });
  const restored = made(await resume('exp-1'));
  expect(stageOf(restored.record, 'pick')).toMatchObject({ status: 'reused', data: [second] });
});

test('a project that was moved is told of, with what makes its stages be found again', async () => {
  await run({ stopAt: 3 });
  const before = dir;
  dir = join(await temporaryFolder(), 'moved');
  await rename(before, dir);
  await expect(resume('exp-1')).rejects.toMatchObject({
    exitCode: 2,
    hint: `exp-1 was run in ${before}, which is gone: put it back, or a link to where it is now: ln -s ${dir} ${before}`,
  });
  await symlink(dir, before);
  expect(made(await resume('exp-1')).status).toBe('finished');
  await rm(before);
});

describe('an extension', () => {
  const longer = { set: ['plants.to=6'] };

  test('is what a run of that length would be, and is made once', async () => {
    await run();
    const extended = made(await resume('exp-1', longer));
    expect(began(extended)).toEqual(['from 5', 'from 0']);
    expect(extended.record.parent).toBe('exp-1');
    expect(statuses(extended)).toEqual(['reused', 'ran', 'ran']);
    expect(await run(longer)).toBe('equals exp-2');
    expect(await resume('exp-1', longer)).toBe('equals exp-2');
  });

  const words = (obstacle: string) =>
    growingStage.replace(
      "resumable: ['to'],",
      `resumable: { parameters: ['to', 'word'], lengthenedBy: ['to'], obstacle: ${obstacle} },`,
    );
  const another = ['plants.word=x'];

  test('is refused where the stage itself says that what is done would be other, with what it knows', async () => {
    await place({
      'grow.ts': words(`async ({ id, then, now, inputs, outputDir }) => ({
        reason: [id, then.word, now.word, inputs.before.kind, readFileSync(join(outputDir, 'numbers.txt'), 'utf8')].join(),
        hint: 'plant others',
      })`),
    });
    await run();
    await expect(resume('exp-1', { set: another })).rejects.toMatchObject({
      exitCode: 2,
      message: 'exp-1 cannot be trained further: plants,,x,files,numbers.txt\n1\n2\n3\n4\n',
      hint: 'plant others',
    });
  });

  test('by a parameter that may differ, where the stage finds nothing against it', async () => {
    await place({ 'grow.ts': words('async () => undefined') });
    await run();
    expect(began(made(await resume('exp-1', { set: ['plants.to=6', ...another] })))).toEqual([
      'from 5',
      'from 0',
    ]);
    expect(await numbers('exp-2', 'plants')).toBe('numbers.txt\n1\n2\n3\n4\nx5\nx6\n');
  });

  test('that was stopped before it began is compared with what its parent left', async () => {
    await place({
      'grow.ts': words('async ({ then }) => then.to === 4 ? undefined : { reason: `of ${then.to}` }'),
    });
    await run();
    await resume('exp-1', longer);
    await changeRecord('exp-2', record => {
      record.status = 'interrupted';
      for (const id of ['plants', 'pick'])
        Object.assign(stageOf(record, id), { status: 'pending', startedAt: null });
    });
    await rm(cache(), { recursive: true });
    expect(made(await resume('exp-2', { set: another })).status).toBe('finished');
  });

  test.each([
    ["async () => 'no'", 'the obstacle of stage "plants" (grow) returns "no"; expected { reason, hint }'],
    ["() => { throw new Error('no') }", 'the obstacle of stage "plants" (grow) fails: no'],
  ])('names a stage whose obstacle is broken: %s', async (obstacle, message) => {
    await place({ 'grow.ts': words(obstacle) });
    await run();
    await expect(resume('exp-1', { set: another })).rejects.toMatchObject({ exitCode: 2, message });
  });

  test('is proposed for a finished experiment, by the parameter that lengthens a stage', async () => {
    await place({ 'grow.ts': words('undefined') });
    await run();
    await expect(resume('exp-1')).rejects.toMatchObject({
      message: 'exp-1 is finished',
      hint: 'to train it further: pipe resume exp-1 --set seeds.to=4',
    });
  });

  test('takes over what is no longer in the cache, and is known all the same', async () => {
    await run();
    await rm(cache(), { recursive: true });
    const extended = made(await resume('exp-1', longer));
    expect(extended.record.stages[0]).toMatchObject({ status: 'reused', reason: 'outputs of exp-1' });
    expect(extended.record.stages[0]?.fingerprint).toBeDefined();
    expect(statuses(made(await run(longer)))).toEqual(['ran', 'ran', 'ran']);
  });

  test('of what was damaged meanwhile is not kept, of which people are told', async () => {
    await run();
    await rm(cache(), { recursive: true });
    await writeFile(join(dir, 'experiments/exp-1/stages/seeds/output/numbers.txt'), 'others');
    const extended = made(await resume('exp-1', longer));
    expect(extended.notes).toEqual([
      'warning: experiments/exp-1/stages/seeds/output/numbers.txt is not what seeds wrote: its previous outputs stay, and what follows from them is not kept for other runs',
    ]);
    expect(extended.record.stages.map(({ fingerprint }) => fingerprint)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('takes from the cache what is whole there, though the experiment has it damaged', async () => {
    await run();
    const file = join(dir, 'experiments/exp-1/stages/seeds/output/numbers.txt');
    await rm(file);
    await writeFile(file, 'others');
    const extended = made(await resume('exp-1', longer));
    expect(extended.record.stages[0]?.reason).toBe('same as exp-1');
    expect(await numbers('exp-2', 'seeds')).not.toBe('others');
  });

  test('goes on from a stage that came from the cache', async () => {
    await run();
    const other = made(await run({ set: ['pick.to=1'] }));
    expect(statuses(other)).toEqual(['reused', 'reused', 'ran']);
    const extended = made(await resume('exp-2', longer));
    expect(began(extended)).toEqual(['from 5', 'from 0']);
    expect((await points('exp-3')).filter(point => point.startsWith('plants'))).toHaveLength(6);
  });

  test('goes on from a stage whose outputs another experiment has', async () => {
    await run();
    await rm(cache(), { recursive: true });
    const other = made(await run({ from: 'pick' }));
    expect(other.record.stages[1]).toMatchObject({ status: 'reused', reason: 'outputs of exp-1' });
    const extended = made(await resume('exp-2', longer));
    expect(began(extended)).toEqual(['from 5', 'from 0']);
    expect((await points('exp-3')).filter(point => point.startsWith('plants'))).toHaveLength(6);
  });

  test('that was stopped before it began goes on from where its parent was', async () => {
    await run();
    await resume('exp-1', longer);
    await changeRecord('exp-2', record => {
      record.status = 'interrupted';
      for (const id of ['plants', 'pick']) {
        const stage = stageOf(record, id);
        Object.assign(stage, { status: 'pending', startedAt: null });
        delete stage.fingerprint;
      }
    });
    await rm(cache(), { recursive: true });
    const resumed = made(await resume('exp-2'));
    expect(began(resumed)).toEqual(['from 5', 'from 0']);
    expect((await points('exp-2')).filter(point => point.startsWith('plants'))).toHaveLength(6);
    expect(await numbers('exp-2', 'plants')).toBe('numbers.txt\n1\n2\n3\n4\n5\n6\n');
  });
});

describe('a run of a part', () => {
  const further = () =>
    `it was to stop after plants; to go further: pipe run ${dir}/experiments/exp-1/resolved.yaml`;

  test('stops where it was to stop when it is resumed, and says how to go further', async () => {
    await run({ to: 'plants', stopAt: 3 });
    const resumed = made(await resume('exp-1'));
    expect(resumed.record.range).toEqual({ to: 'plants' });
    expect(statuses(resumed)).toEqual(['ran', 'ran', 'skipped']);
    expect(stageOf(resumed.record, 'pick').reason).toBe('comes after --to plants');
    expect(resumed.notes).toEqual([further()]);
    await expect(resume('exp-1')).rejects.toMatchObject({
      message: 'exp-1 is finished',
      details: [further()],
      hint: 'to run it again: pipe reproduce exp-1',
    });
    const whole = made(await run());
    expect(statuses(whole)).toEqual(['reused', 'reused', 'ran']);
  });

  test('begins where it was to begin', async () => {
    await run();
    await run({ from: 'plants', stopAt: 3 });
    await changeRecord('exp-2', record => {
      Object.assign(stageOf(record, 'seeds'), { status: 'pending', startedAt: null });
    });
    const resumed = made(await resume('exp-2'));
    expect(statuses(resumed)[0]).toBe('reused');
    expect(existsSync(join(dir, 'experiments', 'exp-2', 'stages', 'plants'))).toBe(true);
  });

  test('runs by force what was to run by force', async () => {
    await run();
    await run({ force: true, stopAt: 3 });
    expect(statuses(made(await resume('exp-2')))).toEqual(['ran', 'ran', 'ran']);
  });
});
