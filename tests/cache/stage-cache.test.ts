import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StageCache } from '../../src/cache/cache.ts';
import { engineVersion } from '../../src/host/environment.ts';
import { packageClosure } from '../../src/host/package-closure.ts';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { decideStages } from '../../src/run/decide/decide.ts';
import type { Caching, Decisions } from '../../src/run/decide/decision.ts';
import { unchangedExperiment } from '../../src/run/decide/unchanged.ts';
import { collect, planCollection } from '../../src/upkeep/collect.ts';
import { planRemoval, remove } from '../../src/upkeep/remove.ts';
import { planRestoring, restore } from '../../src/upkeep/restore.ts';
import { run, temporaryFolder, type TestRun } from '../run/rig.ts';

vi.mock('../../src/host/environment.ts', async original => {
  const environment = await original<{ engineVersion: typeof engineVersion }>();
  return { ...environment, engineVersion: vi.fn(environment.engineVersion) };
});

vi.mock('../../src/host/package-closure.ts', async original => {
  const closure = await original<{ packageClosure: typeof packageClosure }>();
  return { packageClosure: vi.fn(closure.packageClosure) };
});

/** Lets a mocked function give something else for the rest of a test. */
function replace<F extends (...args: never[]) => unknown>(
  original: F,
  change: (given: ReturnType<F>) => ReturnType<F>,
) {
  const mock = vi.mocked(original as unknown as (...args: unknown[]) => unknown);
  const before = mock.getMockImplementation();
  onTestFinished(() => void mock.mockImplementation(before as never));
  mock.mockImplementation((...args) => change(before?.(...args) as ReturnType<F>));
}

/** Writes a word so many times, measures it and publishes the file. */
const write = `import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';
import { word } from './word.ts';

export default defineStage({
  name: 'write',
  version: 1,
  summary: 'Writes.',
  params: Type.Object({
    times: Type.Integer({ description: 'How often.', default: 2 }),
    more: Type.Object({ a: Type.Integer({ description: 'a', default: 1 }), b: Type.Integer({ description: 'b', default: 2 }) }, { description: 'More.', default: {} }),
    source: Type.Optional(Type.String({ description: 'A file.', path: true })),
    key: Type.Optional(Type.String({ description: 'A word.' })),
    many: Type.Optional(Type.Array(Type.Object({ file: Type.String({ description: 'A file.', path: true }) }), { description: 'Files.' })),
    load: Type.Boolean({ description: 'Loads TensorFlow.', default: false }),
  }),
  inputs: { before: { kind: 'files', description: 'Before.', optional: true } },
  outputs: { files: { kind: 'files', description: 'words.txt' } },
  metrics: { words: { description: 'Words.', direction: 'max' } },
  async run(context) {
    if (context.params.load) await context.tensorflow();
    await writeFile(join(context.outputDir, 'words.txt'), word.repeat(context.params.times) + context.seed);
    context.emit({ type: 'metric', step: 1, values: { words: context.params.times } });
    context.emit({ type: 'publish', path: 'words.txt' });
    context.report('written');
    return { files: { kind: 'files', dir: context.outputDir, files: ['words.txt'] } };
  },
});
`;

const look = write
  .replace(`name: 'write'`, `name: 'look'`)
  .replace('version: 1,', 'version: 1, alwaysRun: true, reportOnly: true,');

const pipeline = `name: words
stages:
  - use: ./write.ts
    id: first
    params: { times: 3, more: { a: 5, b: 6 } }
  - use: ./write.ts
    id: second
`;

let dir = '';
let registry = '';
let backend = 'one';

beforeEach(async () => {
  dir = await temporaryFolder();
  registry = join(dir, 'experiments');
  backend = 'one';
  await place({
    'words.yaml': pipeline,
    'write.ts': write,
    'look.ts': look,
    'word.ts': `export const word = 'ab';\n`,
  });
});

const placePackage = async (path: string, about: object) => {
  const folder = join(dir, 'node_modules', ...path.split('/'));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ main: 'index.js', ...about }));
  await writeFile(join(folder, 'index.js'), '');
};

const place = async (files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
};

type Options = Pick<Caching, 'force' | 'forceStages'> & {
  readonly set?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly file?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

async function decide({
  set = [],
  from,
  to,
  env = {},
  file = 'words.yaml',
  cwd = dir,
  ...options
}: Options = {}) {
  const loaded = await loadPlan(file, { set, cwd, env });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const caching: Caching = {
    cache: new StageCache(registry),
    environment: { cwd, home: dir, env, find: reference => Promise.reject(new Error(reference)) },
    backend: () => Promise.resolve(backend),
    ...options,
  };
  const opened = openRegistry(registry);
  const decisions = await decideStages(loaded.plan, { from, to }, opened, caching);
  return {
    plan: loaded.plan,
    caching,
    decisions,
    ...(await unchangedExperiment(loaded.plan, decisions, opened, cwd)),
  };
}

/** Runs whatever was decided, though nothing may have changed. */
async function runIt(options: Options = {}): Promise<TestRun> {
  const { plan, decisions, caching } = await decide(options);
  const loadTensorFlow = () => Promise.resolve({ kind: 'javascript', version: '1' } as never);
  return run(plan, { registry, decisions, caching, loadTensorFlow, env: options.env ?? {} });
}

const statuses = ({ record }: TestRun) => record.stages.map(({ status }) => status);

/** What would happen: `reused from exp-1`, or why it runs. */
const words = (decisions: Decisions) =>
  [...decisions.values()].map(decision =>
    decision.kind === 'cache-hit'
      ? `from ${decision.entry.experiment}`
      : decision.kind === 'run'
        ? decision.reason
        : decision.kind,
  );

const outlook = async (options: Options = {}) => words((await decide(options)).decisions);

const cached = async () =>
  (await readdir(join(registry, '.cache')))
    .filter(name => name !== 'digests')
    .map(name => join(registry, '.cache', name));

const entries = async () => (await cached()).map(entry => join(entry, 'entry.json'));

describe('a run in which nothing changed', () => {
  test('equals the experiment before it, whatever the comments and the order of keys', async () => {
    expect((await decide()).equals).toBeUndefined();
    await runIt();
    expect((await decide()).equals).toBe('exp-1');
    await place({
      'words.yaml': `# a comment\nname: words\nstages:\n  - id: first\n    params: { more: { b: 6, a: 5 }, times: 3 }\n    use: ./write.ts\n  - { id: second, use: ./write.ts }\n`,
    });
    expect((await decide()).equals).toBe('exp-1');
    expect(await outlook()).toEqual(['from exp-1', 'from exp-1']);
  });

  test('equals it after an edit of a comment, of the layout and of code that the stage does not reach', async () => {
    await runIt();
    await place({
      'write.ts': `/* a comment */\n${write.replaceAll('; ', ';   ')}`,
      'word.ts': `export const word = 'ab'; // a word\nexport const unused = 1;\n`,
    });
    expect((await decide()).equals).toBe('exp-1');
  });

  test('equals the one that was the same, not the last one', async () => {
    await runIt();
    await runIt({ set: ['second.times=9'] });
    expect((await decide()).equals).toBe('exp-1');
    expect((await decide({ set: ['second.times=9'] })).equals).toBe('exp-2');
  });

  test('though a stage that only looks at experiments runs every time', async () => {
    await place({ 'words.yaml': `${pipeline}  - use: ./look.ts\n` });
    await runIt();
    const { equals, decisions } = await decide();
    expect(words(decisions)).toEqual(['from exp-1', 'from exp-1', 'it runs every time']);
    expect(equals).toBe('exp-1');
    expect((await decide({ forceStages: ['look'] })).equals).toBeUndefined();
  });

  test('equals it from any folder, and as its own resolved file, which names data by other paths', async () => {
    await mkdir(join(dir, 'data'));
    await place({ 'data/words.txt': 'one' });
    const set = ['first.source=data/words.txt', 'second.many=[{ file: ./data/words.txt }]'];
    const { outcome } = await runIt({ set });
    expect((await decide({ set, file: '../words.yaml', cwd: join(dir, 'data') })).equals).toBe('exp-1');
    expect((await decide({ file: join(outcome.dir, 'resolved.yaml') })).equals).toBe('exp-1');
    await place({ 'data/words.txt': 'two' });
    expect(await outlook({ set })).toEqual(['its data changed', 'its data changed']);
  });

  test('when a file of its experiment was replaced or is gone: is a new one, and the damage is named', async () => {
    const { outcome } = await runIt();
    const file = join(outcome.dir, 'stages', 'first', 'output', 'words.txt');
    const text = await readFile(file, 'utf8');
    for (const damage of [() => writeFile(file, 'others'), () => rm(join(file, '..'), { recursive: true })]) {
      await rm(file);
      await damage();
      const { equals, notes } = await decide();
      expect(equals).toBeUndefined();
      expect(notes).toEqual([
        'warning: experiments/exp-1/stages/first/output/words.txt is not what first wrote: exp-1 would be the same, but is damaged; pipe verify exp-1 shows more',
      ]);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, text);
      expect(await decide()).toMatchObject({ equals: 'exp-1' });
    }
    await writeFile(join(outcome.dir, 'stages', 'first', 'stage.json'), 'nothing');
    expect((await decide()).notes?.[0]).toContain('exp-1/stages/first/stage.json is not what first wrote');
  });

  test('when its experiment is gone: is a new one, made of what is in the cache', async () => {
    const first = await runIt();
    await rm(first.outcome.dir, { recursive: true });
    expect((await decide()).equals).toBeUndefined();
    const again = await runIt();
    expect(statuses(again)).toEqual(['reused', 'reused']);
    expect(await again.read('artifacts', 'first', 'words.txt')).toContain('ababab');
  });
});

describe('what changed runs, and what follows it, with the reason in words', () => {
  test.each<[string, () => Options | Promise<void>, readonly (string | undefined)[]]>([
    ['a parameter', () => ({ set: ['second.times=7'] }), ['from exp-1', 'second.times 2 → 7']],
    [
      'a parameter further up',
      () => ({ set: ['first.more.a=7'] }),
      ['first.more.a 5 → 7', 'its input from first changes'],
    ],
    ['the seed', () => ({ set: ['seed=9'] }), ['seed 1 → 9', 'seed 1 → 9']],
    [
      'code',
      () => place({ 'write.ts': write.replace("report('written')", "report('done')") }),
      ['its code changed', 'its code changed'],
    ],
    [
      'code that is imported',
      () => place({ 'word.ts': `export const word = 'xy';\n` }),
      ['its code changed', 'its code changed'],
    ],
    [
      'the version',
      () => place({ 'write.ts': write.replace('version: 1', 'version: 2') }),
      ['its version 1 → 2, its code changed', 'its version 1 → 2, its code changed'],
    ],
    ['--force', () => ({ force: true }), ['--force', '--force']],
    [
      '--force-stage',
      () => ({ forceStages: ['first'] }),
      ['--force-stage', 'its input from first is made again'],
    ],
    ['--from', () => ({ from: 'second' }), ['from exp-1', 'from second on']],
    [
      'the cache is gone',
      () => rm(join(registry, '.cache'), { recursive: true }),
      ['its result is not in the cache', 'its input from first is made again'],
    ],
  ])('%s', async (_, change, expected) => {
    await runIt();
    const options = (await change()) ?? {};
    expect(await outlook(options)).toEqual(expected);
    const again = await runIt(options);
    expect(statuses(again)).toEqual(expected.map(word => (word?.startsWith('from exp') ? 'reused' : 'ran')));
    expect(await outlook(options.force || options.forceStages || options.from ? {} : options)).toEqual(
      expected.map(word => (word?.startsWith('from exp') ? word : 'from exp-2')),
    );
  });

  test('the content of a file that a parameter names; a new time alone changes nothing', async () => {
    await place({ 'data.txt': 'one' });
    const options = { set: ['first.source=data.txt'] };
    await runIt(options);
    await place({ 'data.txt': 'one' });
    expect((await decide(options)).equals).toBe('exp-1');
    await place({ 'data.txt': 'two' });
    expect(await outlook(options)).toEqual(['its data changed', 'its input from first changes']);
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const { record } = await runIt(options);
    expect(record.stages.map(({ data }) => data)).toEqual([
      [{ path: join(dir, 'data.txt'), digest }],
      undefined,
    ]);
  });

  test('the version of a package that the stage imports from beside it, or from pipe', async () => {
    const install = async (name: string, version: string) => {
      await mkdir(join(dir, 'node_modules', name), { recursive: true });
      await place({
        [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, main: 'index.js' }),
        [`node_modules/${name}/index.js`]: `exports.word = '${version}';\n`,
      });
    };
    await install('@my/words', '1.0.0');
    await install('unrelated', '1.0.0');
    await place({
      'word.ts': `import { word as first } from '@my/words';\nimport 'picocolors';\nexport const word = first;\n`,
    });
    await runIt();
    await install('unrelated', '2.0.0');
    expect(await outlook()).toEqual(['from exp-1', 'from exp-1']);
    await install('@my/words', '1.1.0');
    expect(await outlook()).toEqual(['@my/words 1.0.0 → 1.1.0', '@my/words 1.0.0 → 1.1.0']);
    const { decisions } = await decide();
    const [first] = decisions.values();
    expect(first).toMatchObject({
      fingerprint: {
        parts: { packages: { '@my/words': '1.1.0', picocolors: expect.any(String) as string } },
      },
    });
  });

  test('the version of a package that results come from', async () => {
    await runIt();
    replace(packageClosure, versions => ({ ...versions, sharp: '9.9.9' }));
    const word = expect.stringMatching(/^sharp \d+\.\d+\.\d+ → 9\.9\.9$/) as string;
    expect(await outlook()).toEqual([word, word]);
  });

  test('the version of a package that an imported one needs, wherever it lies; not of one that nothing needs', async () => {
    const install = (path: string, version: string, needs: Readonly<Record<string, string>> = {}) =>
      placePackage(path, { version, dependencies: needs });
    await install('a', '1.0.0', { b: '*', missing: '*' });
    await install('b', '1.0.0', { c: '*' });
    await install('b/node_modules/c', '1.0.0', { a: '*' });
    await install('c', '7.0.0');
    await place({ 'word.ts': `import 'a';\nexport const word = 'ab';\n` });
    await runIt();
    await install('c', '8.0.0');
    expect(await outlook()).toEqual(['from exp-1', 'from exp-1']);
    await install('b/node_modules/c', '1.0.1');
    expect(await outlook()).toEqual(['c 1.0.0 → 1.0.1', 'c 1.0.0 → 1.0.1']);
  });

  test('the engine on whose arithmetic results depend', async () => {
    await runIt();
    replace(engineVersion, () => '99.1.2');
    const word = expect.stringMatching(/^Node’s V8 [\d.]+ → 99\.1\.2$/) as string;
    expect(await outlook()).toEqual([word, word]);
  });

  test('a secret that is another one now, which neither the cache nor the record holds', async () => {
    const options = { set: ['second.key=${env.DATA_KEY}'], env: { DATA_KEY: 'first-value' } };
    const { outcome, record } = await runIt(options);
    expect((await decide(options)).equals).toBe('exp-1');
    const renewed = { ...options, env: { DATA_KEY: 'other-value' } };
    expect(await outlook(renewed)).toEqual(['from exp-1', '${env.DATA_KEY} changed']);
    expect(record.parameters['second.key']).toBe('${env.DATA_KEY}');
    for (const file of [join(outcome.dir, 'experiment.json'), ...(await entries())])
      expect(await readFile(file, 'utf8')).not.toContain('first-value');
  });

  describe('a variable of the environment that', () => {
    /** The first stage writes what `code` gives. */
    const writing = (code: string, more = '') =>
      place({
        'first.ts': write
          .replace("name: 'write'", "name: 'first'")
          .replace('version: 1,', `version: 1,${more}`)
          .replace('word.repeat(context.params.times)', `String(${code})`),
        'words.yaml': pipeline
          .replace('./write.ts', './first.ts')
          .replace('id: second', 'id: second\n    inputs: { before: first.files }'),
      });
    const withMode = (MODE?: string) => ({ env: { ...(MODE && { MODE }), OTHER: String(Math.random()) } });

    test('the stage reads has another value, or none', async () => {
      await writing('context.env.MODE');
      await runIt(withMode('fast'));
      expect(await outlook(withMode('fast'))).toEqual(['from exp-1', 'from exp-1']);
      for (const changed of [withMode('slow'), withMode()])
        expect(await outlook(changed)).toEqual(['$MODE changed', 'its input from first is made again']);
      const { outcome } = await runIt(withMode('slow'));
      expect((await decide(withMode('slow'))).equals).toBe(outcome.id);
    });

    test('a stage above it reads has another value, though that one alone was made again', async () => {
      await writing('context.env.MODE');
      await runIt(withMode('fast'));
      await runIt({ ...withMode('slow'), to: 'first' });
      expect(await outlook(withMode('slow'))).toEqual(['from exp-2', '$MODE changed']);
    });

    test.each([
      ['runs', 'process.env.MODE'],
      ['is loaded, in a module of its own', 'mode'],
    ])('the stage reads of the process when it %s has another value', async (_, code) => {
      vi.stubEnv('MODE', 'fast');
      onTestFinished(() => void vi.unstubAllEnvs());
      await writing(code);
      await place({ 'word.ts': `export const word = 'ab';\nexport const mode = process.env['MODE'];\n` });
      const first = await readFile(join(dir, 'first.ts'), 'utf8');
      await place({ 'first.ts': first.replace('import { word }', 'import { mode, word }') });
      const { record } = await runIt(withMode('fast'));
      expect(record.stages[0]?.variables).toHaveProperty('MODE');
      expect(await outlook(withMode('fast'))).toEqual(['from exp-1', 'from exp-1']);
      expect((await outlook(withMode('slow')))[0]).toBe('$MODE changed');
    });

    test('was not set when it was asked for is set', async () => {
      await writing(`('MODE' in context.env)`);
      await runIt(withMode());
      expect(await outlook(withMode('fast'))).toEqual([
        '$MODE changed',
        'its input from first is made again',
      ]);
    });

    test('matters by its name changes, where the stage lists them all', async () => {
      await writing('JSON.stringify({ ...context.env }).length');
      await runIt({ env: { OMP_NUM_THREADS: '1', TERM: 'a' } });
      expect(await outlook({ env: { OMP_NUM_THREADS: '1', TERM: 'b' } })).toEqual([
        'from exp-1',
        'from exp-1',
      ]);
      const [first] = await outlook({ env: { OMP_NUM_THREADS: '2', TERM: 'a' } });
      expect(first).toBe('$OMP_NUM_THREADS changed');
    });

    test('says where data lies that is the same as before changes nothing', async () => {
      await place({ 'one.txt': 'same', 'two.txt': 'same' });
      await writing('context.env.DATA', ' cacheKey: (params, { env, digest }) => digest(env.DATA),');
      await runIt({ env: { DATA: join(dir, 'one.txt') } });
      expect(await outlook({ env: { DATA: join(dir, 'two.txt') } })).toEqual(['from exp-1', 'from exp-1']);
    });

    test('looks like a secret is nowhere written, and its record tells that it was read', async () => {
      await writing('context.env.API_TOKEN.length');
      const { record, outcome } = await runIt({ env: { API_TOKEN: 'open sesame' } });
      const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
      expect(record.stages[0]?.variables).toEqual({ API_TOKEN: hash });
      for (const file of [join(outcome.dir, 'experiment.json'), ...(await entries())])
        expect(await readFile(file, 'utf8')).not.toContain('open sesame');
      expect(await outlook({ env: { API_TOKEN: 'closed' } })).toContain('$API_TOKEN changed');
    });
  });

  test('each time: a stage that looks at other experiments without saying so, which is told', async () => {
    await place({
      'write.ts': write.replace(
        `context.report('written')`,
        `await context.experiments.find('exp-1').catch(() => {})`,
      ),
    });
    const { display } = await runIt();
    expect(display.warnings).toContain(
      'first: it looked at other experiments, so later runs do not reuse its result; alwaysRun: true in its definition says so',
    );
    expect((await outlook())[0]).not.toMatch(/^from/);
  });

  test('another TensorFlow, where the stage loads it', async () => {
    await runIt({ set: ['second.load=true'] });
    backend = 'two';
    expect(await outlook({ set: ['second.load=true'] })).toEqual(['from exp-1', 'TensorFlow one → two']);
  });

  test('another TensorFlow, though the stage only follows one that loads it, and that one was made anew alone', async () => {
    const set = ['first.load=true'];
    await runIt({ set });
    backend = 'two';
    await runIt({ set, to: 'first' });
    expect(await outlook({ set })).toEqual(['from exp-2', 'TensorFlow one → two']);
  });

  test('what comes of two TensorFlows, each time', async () => {
    await runIt({ set: ['second.load=true'] });
    await rm(join(registry, '.cache'), { recursive: true });
    const set = ['second.load=true', 'second.times=4'];
    const { plan, decisions, caching } = await decide({ set });
    const first = decisions.get('first');
    if (first?.kind !== 'run' || first.fingerprint === undefined) expect.fail('first is known');
    const { fingerprint } = first;
    const outputs = {
      files: { kind: 'files', dir: join(registry, 'exp-1/stages/first/output'), files: [] },
    } as const;
    const reuse = { kind: 'reuse', experiment: 'exp-1', outputs, fingerprint, backend: 'zero' } as const;
    const loadTensorFlow = () => Promise.resolve({ kind: 'javascript', version: '1' } as never);
    const mixed = new Map([...decisions, ['first', reuse]]);
    const { record } = await run(plan, { registry, decisions: mixed, caching, loadTensorFlow });
    expect(record.stages.map(stage => stage.fingerprint !== undefined)).toEqual([true, false]);
    expect(await outlook({ set })).toEqual(['its result is not in the cache', 'second.times 2 → 4']);
  });

  test('a stage that cannot be forced, as it is not there, is a mistake', async () => {
    await expect(decide({ forceStages: ['frist'] })).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('what is reused', () => {
  test('is the same files, their metrics and what was published, at no cost of space', async () => {
    const first = await runIt();
    const second = await runIt({ set: ['second.times=9'] });
    expect(second.record.stages[0]).toMatchObject({
      status: 'reused',
      reason: 'same as exp-1',
      report: 'written',
    });
    const inode = async (...path: readonly string[]) => (await stat(join(...path))).ino;
    const output = ['stages', 'first', 'output', 'words.txt'] as const;
    expect(await inode(second.outcome.dir, ...output)).toBe(await inode(first.outcome.dir, ...output));
    expect(second.record.artifacts.map(({ path }) => path)).toEqual(
      first.record.artifacts.map(({ path }) => path),
    );
    expect(second.record.metrics).toMatchObject({
      words: { stage: 'first', last: 3, direction: 'max' },
      'second.words': { last: 9 },
    });
    const [line] = (await first.read('metrics.jsonl')).split('\n');
    expect((await second.read('metrics.jsonl')).split('\n')[0]).toBe(line);
  });

  test('stays whole when the cache is deleted', async () => {
    await runIt();
    const second = await runIt({ set: ['second.times=9'] });
    await rm(join(registry, '.cache'), { recursive: true });
    expect(await second.read('stages', 'first', 'output', 'words.txt')).toContain('ababab');
  });

  test('runs instead when the cache is deleted after the decision', async () => {
    await runIt();
    const { plan, decisions, caching } = await decide();
    await rm(join(registry, '.cache'), { recursive: true });
    const again = await run(plan, { registry, decisions, caching });
    expect(statuses(again)).toEqual(['ran', 'ran']);
    expect(again.display.warnings).toEqual(['first: its result has gone from the cache: it runs again']);
    expect(await outlook()).toEqual(['from exp-2', 'from exp-2']);
  });

  test.each(['output/words.txt', 'entry.json', 'metrics.jsonl'])(
    'not when a byte of %s was flipped',
    async file => {
      await runIt({ set: ['second.times=1'] });
      for (const entry of await cached()) {
        const path = join(entry, file);
        const bytes = await readFile(path);
        bytes[4] = (bytes[4] as number) ^ 1;
        await writeFile(path, bytes);
      }
      const { decisions } = await decide({ set: ['second.times=1'] });
      const [first] = decisions.values();
      expect(first).toMatchObject({ kind: 'run' });
      expect(words(decisions)[0]).toMatch(new RegExp(`^experiments/.cache/[0-9a-f]+/${file} is damaged$`));
      const again = await runIt({ set: ['second.times=1'] });
      expect(statuses(again)).toEqual(['ran', 'ran']);
      expect(await outlook({ set: ['second.times=1'] })).toEqual(['from exp-2', 'from exp-2']);
    },
  );

  test.each(['output/words.txt', 'metrics.jsonl'])(
    'not when a byte of %s was flipped behind an unchanged time: it is read when it is used',
    async file => {
      await runIt();
      const decided = await decide({ set: ['second.times=9'] });
      const [first] = decided.decisions.values();
      if (first?.kind !== 'cache-hit') expect.fail('first is in the cache');
      const path = join(registry, '.cache', first.entry.fingerprint, file);
      const bytes = await readFile(path);
      bytes[4] = (bytes[4] as number) ^ 1;
      await writeFile(path, bytes);
      const { plan, decisions, caching } = decided;
      const again = await run(plan, { registry, decisions, caching, cwd: dir });
      expect(statuses(again)).toEqual(['ran', 'ran']);
      expect(again.display.warnings).toEqual([
        `first: experiments/.cache/${first.entry.fingerprint}/${file} is not what first wrote: its hash differs, or it is gone; first runs again`,
      ]);
      expect(await again.read('stages', 'first', 'output', 'words.txt')).toContain('ababab');
      expect(await outlook({ set: ['second.times=9'] })).toEqual(['from exp-2', 'from exp-2']);
    },
  );

  test('nothing of a stage that failed', async () => {
    await place({ 'write.ts': write.replace("context.report('written');", "throw new Error('no');") });
    await runIt();
    expect(await outlook()).toEqual(['nothing like it has run before', 'nothing like it has run before']);
  });
});

describe('pipe gc', () => {
  const collectAll = async (choice: Parameters<typeof planCollection>[1] = {}) =>
    collect(openRegistry(registry), await planCollection(openRegistry(registry), choice));

  test('leaves what is needed so that nothing changed: the same run equals the experiment afterwards', async () => {
    await runIt();
    await runIt({ set: ['second.times=9'] });
    await remove(openRegistry(registry), await planRemoval(openRegistry(registry), ['exp-2'], false), false);
    expect((await collectAll()).things).toHaveLength(1);
    expect((await decide()).equals).toBe('exp-1');
    restore(openRegistry(registry), planRestoring(openRegistry(registry)));
    expect((await decide({ set: ['second.times=9'] })).equals).toBe('exp-2');
  });

  test('between the decision and the use of a result: the stage runs instead', async () => {
    await runIt();
    const { plan, decisions, caching } = await decide();
    await collectAll({ keep: 0 });
    const again = await run(plan, { registry, decisions, caching });
    expect(statuses(again)).toEqual(['ran', 'ran']);
    expect(again.display.warnings).toEqual(['first: its result has gone from the cache: it runs again']);
    expect(await again.read('artifacts', 'first', 'words.txt')).toContain('ababab');
  });

  test('just before or after a result is linked: the run has it whole, and nothing of it is collected', async () => {
    await runIt();
    const { plan, decisions, caching } = await decide();
    const { cache } = caching;
    const take = cache.take.bind(cache);
    cache.take = async (...args) => {
      const taken = await take(...args);
      await collectAll({ failed: true, keep: 0 });
      return taken;
    };
    const again = await run(plan, { registry, decisions, caching });
    // The first was linked and then collected with exp-1; the second was collected as well, and so ran.
    expect(statuses(again)).toEqual(['reused', 'ran']);
    expect(await again.read('stages', 'first', 'output', 'words.txt')).toContain('ababab');
    expect((await collectAll({ failed: true })).things).toEqual([]);
    expect(await outlook()).toEqual(['its result is not in the cache', 'its input from first is made again']);
  });
});

test('two runs that need the same at once both have it whole, and the cache as well', async () => {
  const decided = [await decide(), await decide()];
  const runs = await Promise.all(decided.map(({ plan, ...given }) => run(plan, { registry, ...given })));
  expect(runs.map(statuses)).toEqual([
    ['ran', 'ran'],
    ['ran', 'ran'],
  ]);
  expect(statuses(await runIt())).toEqual(['reused', 'reused']);
  expect(await cached()).toHaveLength(2);
  expect(await readdir(join(registry, '.staging'))).toEqual([]);
});
