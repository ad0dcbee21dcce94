import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { currentProcess } from '../../src/host/process-identity.ts';
import type { Registry } from '../../src/registry/index.ts';
import { finishedExperiment, temporaryRegistry } from '../registry/rig.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

/** Moves the cursor, sets the title, by one byte (C1) as well, turns the direction of text, ends the line. */
const EVIL = '\u001b]0;title\u0007\u001b[2J\u009b31m\u202e\u2028\u0000\rline\nnext';

/** What must not reach a terminal; line ends are everybody's. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function change(registry: Registry, id: string, changes: (record: ExperimentRecord) => void): void {
  const path = join(registry.dir, id, 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  changes(record);
  writeFileSync(path, JSON.stringify(record));
}

/** exp-1 as it should be, and exp-2 with evil in every text that it has. */
async function evilRegistry() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry);
  await finishedExperiment(registry);
  change(registry, 'exp-2', record => {
    const [metric] = Object.values(record.metrics);
    const stage = { use: EVIL, report: EVIL, reason: EVIL, progress: { done: 1, total: 2, unit: EVIL } };
    record.stages = record.stages.map(each => ({ ...each, ...stage, id: EVIL, status: 'failed' }));
    if (metric) record.metrics = { [EVIL]: { ...metric, unit: EVIL, description: EVIL, stage: EVIL } };
    Object.assign(record, {
      status: 'failed',
      pipeline: { ...record.pipeline, name: EVIL, file: EVIL },
      failure: { stage: EVIL, code: EVIL, message: EVIL, hint: EVIL },
      parameters: { [EVIL]: EVIL, nested: { [EVIL]: [EVIL, { [EVIL]: EVIL }] } },
      artifacts: [{ path: EVIL, stage: EVIL, bytes: 1, sha256: EVIL }],
      command: [EVIL],
      cwd: EVIL,
      parent: EVIL,
      createdAt: EVIL,
      git: { commit: EVIL, branch: EVIL, dirty: true },
      environment: { ...record.environment, node: EVIL, os: EVIL, gpus: [EVIL], packages: { [EVIL]: EVIL } },
    });
  });
  return { registry, cwd: dirname(registry.dir) };
}

describe('what is in a record', () => {
  it.each([
    [['list']],
    [['list', '--json']],
    [['list', '--sort', EVIL]],
    [['show', 'exp-2']],
    [['show', 'exp-2', '--json']],
    [['compare', 'exp-1', 'exp-2', '--all']],
    [['compare', 'exp-1', 'exp-2', '--json']],
    [['compare', 'exp-1', 'exp-2', '--md']],
    [['compare', 'exp-1', 'exp-2', '--csv']],
  ])('never moves the cursor: %#', async args => {
    const { cwd } = await evilRegistry();
    const { stdout, stderr, exitCode } = await runMain(args, cwd);
    expect(exitCode).toBe(0);
    // RFC 4180 ends its lines so.
    expect(stdout.replaceAll('\r\n', '\n') + stderr).not.toMatch(UNSAFE);
    expect(stdout).toContain('\\u001b');
  });

  it('means the same in JSON', async () => {
    const { cwd } = await evilRegistry();
    const { stdout } = await runMain(['show', 'exp-2', '--json'], cwd);
    expect((JSON.parse(stdout) as ExperimentRecord).parameters[EVIL]).toBe(EVIL);
  });

  it('is no formula in a CSV file, and numbers stay numbers', async () => {
    const { registry, cwd } = await evilRegistry();
    change(registry, 'exp-1', record => {
      record.parameters = {
        a: "=cmd|' /C calc'!A0",
        b: '@SUM(1)',
        c: '-1+2',
        d: '-5',
        e: -5,
        f: '+x',
        '=g': 1,
      };
    });
    const { stdout } = await runMain(['compare', 'exp-1', '--csv'], cwd);
    const rows = stdout.split('\r\n').filter(line => line.startsWith('Parameters,'));
    expect(rows).toEqual([
      "Parameters,a,,'=cmd|' /C calc'!A0",
      "Parameters,b,,'@SUM(1)",
      "Parameters,c,,'-1+2",
      'Parameters,d,,-5',
      'Parameters,e,,-5',
      "Parameters,f,,'+x",
      "Parameters,'=g,,1",
    ]);
  });

  it('may be a hundred thousand parameters, within others or not', async () => {
    const { registry, cwd } = await evilRegistry();
    const many = (name: (index: number) => string) =>
      Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [name(index), index]));
    change(registry, 'exp-1', record => (record.parameters = many(index => `train.p${index}`)));
    change(registry, 'exp-2', record => (record.parameters = { train: 1, ...many(index => `x${index}`) }));
    const { stdout, exitCode } = await runMain(['compare', 'exp-1', 'exp-2', '--csv'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout.split('\r\n').length).toBeGreaterThan(100_000);
  }, 60_000);
});

describe('what is in a pipeline file', () => {
  const evil = '\\e]0;title\\a\\e[2J\\x9b31m\\u202e\\L\\r';
  const entry = (text: string) => `name: x\nstages:\n  - ${text}\n`;

  it.each([
    ['extends', `name: x\nextends: "${evil}"\n`],
    ['use', entry(`{ use: "./${evil}.ts" }`)],
    ['stage', entry(`{ use: "${evil}" }`)],
    ['id', entry(`{ use: load-cifar, id: "${evil}" }`)],
    ['inputs', entry(`{ use: normalize, inputs: { dataset: "${evil}.a" } }`)],
    ['input', entry(`{ use: normalize, inputs: { "${evil}": a } }`)],
    ['parameter', entry(`{ use: load-cifar, params: { "${evil}": 1 } }`)],
    ['build-model.model', entry(`{ use: build-model, params: { model: "./${evil}.yaml" } }`)],
  ])('never moves the cursor: %s', async (_, text) => {
    const project = await makeProject({ 'p.yaml': text });
    const { stdout, stderr, exitCode } = await runMain(['validate', 'p.yaml'], project.dir);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).not.toMatch(UNSAFE);
    expect(stderr).toContain('\\u202e');
    expect(stderr).not.toContain('bug');
  });

  it.each(['load-arrays', 'load-cifar', 'load-csv', 'load-images'])(
    'as the source of %s is read within bounds',
    async use => {
      const project = await makeProject();
      execFileSync('mkfifo', [project.path('fifo')]);
      symlinkSync('loop', project.path('loop'));
      for (const [source, code, reason] of [
        ['fifo', 2, 'it is neither a folder nor a file'],
        ['/dev/zero', 2, 'it is neither a folder nor a file'],
        ['loop', 1, 'its symbolic links lead in a circle (ELOOP)'],
        ['x'.repeat(5000), 1, 'the name is too long (ENAMETOOLONG)'],
        [evil, 2, 'there is no \\u001b'],
      ] as const) {
        await project.write('p.yaml', entry(`{ use: ${use}, params: { source: "${source}" } }`));
        const { stderr, exitCode } = await runPipe(['run', 'p.yaml'], { cwd: project.dir });
        expect(exitCode).toBe(code);
        expect(stderr).not.toMatch(UNSAFE);
        expect(stderr).toMatch(/error: .{1,400}$/m);
        expect(stderr).toContain(reason);
        expect(stderr.length).toBeLessThan(2000);
      }
    },
  );
});

describe('what names an experiment', () => {
  const references = ['../../etc', 'exp-1/../..', '/etc/passwd', '.', '', '\u001b[2J', 'x'.repeat(100_000)];

  it.each(['show', 'compare', 'resume', 'rm', 'verify', 'reproduce'])(
    'pipe %s takes nothing that leads elsewhere',
    async command => {
      const { cwd } = await evilRegistry();
      for (const reference of references) {
        const { stdout, stderr, exitCode } = await runMain([command, reference], cwd);
        expect([reference.slice(0, 20), exitCode, stdout]).toEqual([reference.slice(0, 20), 2, '']);
        expect(stderr).not.toMatch(UNSAFE);
        expect(stderr).not.toContain('bug');
        expect(stderr.length).toBeLessThan(1000);
      }
    },
  );
});

describe('files of a size', () => {
  /** The environment of a process that says, as it ends, how many kilobytes it had at most. */
  async function measured() {
    const code =
      "process.on('exit', () => process.stderr.write(`maxrss=${process.resourceUsage().maxRSS}`));";
    const project = await makeProject({ 'measure.mjs': code });
    return { NODE_OPTIONS: `--import=${project.path('measure.mjs')}` };
  }

  const megabytes = (stderr: string) => Number(/maxrss=(\d+)/.exec(stderr)?.[1]) / 1024;

  it('a metrics.jsonl that is a line of a gigabyte is passed over in 200 MB of memory', async () => {
    const registry = temporaryRegistry();
    const { dir } = await finishedExperiment(registry);
    change(registry, 'exp-1', record => {
      record.status = 'running';
      record.process = { ...currentProcess(), pid: 2 ** 22 + 1 };
    });
    truncateSync(join(dir, 'metrics.jsonl'), 1e9);
    const { stdout, stderr, exitCode } = await runPipe(['show', 'exp-1'], {
      cwd: dirname(registry.dir),
      env: { ...(await measured()), PIPE_EXPERIMENTS: registry.dir },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/d_loss +0\.7000/);
    expect(megabytes(stderr)).toBeLessThan(200);
  });

  it('a pipeline file of 100 MB is refused in 200 MB of memory', async () => {
    const project = await makeProject({ 'p.yaml': 'name: x\n' });
    truncateSync(project.path('p.yaml'), 100e6);
    const { stderr, exitCode } = await runPipe(['run', 'p.yaml'], {
      cwd: project.dir,
      env: await measured(),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('p.yaml is too large');
    expect(stderr).toContain('at most 1 MB, found 100 MB');
    expect(megabytes(stderr)).toBeLessThan(200);
    expect(await project.exists('experiments')).toBe(false);
  });
});
