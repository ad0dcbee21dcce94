import { createHash } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import type { Reproduction } from '../../src/run/reproduce/report.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';
import { tinyPipeline } from '../rig/tiny-pipeline.ts';

const record = (project: Project, id: string) =>
  project.readJson<ExperimentRecord>(`experiments/${id}/experiment.json`);

const statuses = ({ stages }: ExperimentRecord) => stages.map(({ status }) => status);

describe('an experiment that trains a GAN', () => {
  let project: Project;
  const hash = async (id: string, path: string) =>
    createHash('sha256')
      .update(await readFile(project.path('experiments', id, path)))
      .digest('hex');

  beforeAll(async () => {
    const text = `${tinyPipeline.replace('epochs: 6', 'iterations: 6')}  - { use: sample, params: { count: 1 } }
  - { use: compare, params: { with: [latest] } }
`;
    project = await makeProject({ 'tiny.yaml': text });
    const { exitCode, stderr } = await runPipe(['run', 'tiny.yaml'], { cwd: project.dir });
    expect(exitCode, stderr).toBe(0);
  });

  test('gives the same again, bit for bit, every stage being run', async () => {
    const { exitCode, stdout, stderr } = await runPipe(['reproduce', 'latest'], { cwd: project.dir });
    expect(stderr).toMatch(/^nothing that is known differs since exp-1\nexp-2 · tiny\nload-cifar: started\n/);
    expect(stdout).toMatch(
      /^exp-2 equals exp-1\n\nStages\n {2}load-cifar {3}equal {2}2 files \(\d+\.\d kB\)\n/,
    );
    expect(stdout).toMatch(/^ {2}train {8}equal {2}\d+ files \(.+ kB\), 3 points$/m);
    expect(stdout).toMatch(/^ {2}compare {6}equal {2}2 files not compared, as they differ in every run$/m);
    expect(stdout).not.toContain('Differences');
    expect(exitCode).toBe(0);

    const again = await record(project, 'exp-2');
    expect(again).toMatchObject({ status: 'finished', reproduces: 'exp-1', parent: null });
    expect(new Set(statuses(again))).toEqual(new Set(['ran']));
    expect(again.stages.filter(({ unseeded }) => unseeded !== undefined)).toEqual([]);
    const weights = 'stages/train/output/generator/weights.bin';
    expect(await hash('exp-2', weights)).toBe(await hash('exp-1', weights));
    expect((await runPipe(['show', 'exp-2'], { cwd: project.dir })).stdout).toMatch(
      /^ {2}reproduces +exp-1$/m,
    );
  });
});

/** Takes another number each time for everything that it gives, but for what it declares. */
const diceStage = `
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';
import { dice } from './dice-of.ts';

export default defineStage({
  name: 'dice',
  version: 1,
  summary: 'Rolls dice.',
  params: Type.Object({ fair: Type.Boolean({ description: 'As dice are.', default: true }) }),
  inputs: { before: { kind: 'files', description: 'Only for the order.', optional: true } },
  outputs: { files: { kind: 'files', description: 'What was rolled.' } },
  metrics: {
    roll: { description: 'What was rolled.', direction: 'none' },
    constant: { description: 'Always the same.', direction: 'none' },
    speed: { description: 'Rolls per second.', direction: 'max', wallClock: true },
  },
  nondeterministicFiles: ['times/', 'when.txt'],
  async run({ outputDir, params, emit }) {
    const roll = step => (params.fair ? dice() : step);
    await mkdir(join(outputDir, 'times'));
    await writeFile(join(outputDir, 'same.txt'), 'same');
    await writeFile(join(outputDir, 'rolls.txt'), String(roll(0)));
    await writeFile(join(outputDir, 'when.txt'), String(process.hrtime.bigint()));
    await writeFile(join(outputDir, 'times', 'a.txt'), String(process.hrtime.bigint()));
    const own = params.fair ? [process.hrtime.bigint() + '.txt'] : [];
    for (const name of own) await writeFile(join(outputDir, name), '');
    for (const step of [1, 2, 3])
      emit({ type: 'metric', step, values: { roll: step < 2 ? 1 : roll(step), constant: 1, speed: dice() } });
    emit({ type: 'publish', path: 'rolls.txt' });
    return { files: { kind: 'files', dir: outputDir, files: ['rolls.txt', ...own] } };
  },
});
`;

const dicePipeline = `name: dice
stages:
  - { use: ./dice.ts, id: loaded, params: { fair: false } }
  - { use: ./dice.ts, id: fair }
`;

const diceFiles = {
  'dice.yaml': dicePipeline,
  'dice.ts': diceStage,
  'dice-of.ts': 'export const dice = () => Math.random();\n',
};

describe('an experiment with a stage that rolls dice', () => {
  let project: Project;
  const pipe = (...args: readonly string[]) => runPipe(args, { cwd: project.dir });

  beforeAll(async () => {
    project = await makeProject(diceFiles);
    expect((await pipe('run', 'dice.yaml')).exitCode).toBe(0);
  });

  test('differs, and what differs is named; times do not', async () => {
    const { exitCode, stdout, stderr } = await pipe('reproduce', 'exp-1');
    expect(exitCode).toBe(1);
    const [id = ''] = /^exp-\d+/.exec(stdout) ?? [];
    expect(stdout).toContain(`${id} differs from exp-1\n`);
    expect(stdout).toContain(
      '  loaded  equal    2 files (5 B), 3 points, 2 files not compared, as they differ in every run\n',
    );
    expect(stdout).toContain(
      '  fair    differs  1 of 4 files equal, metrics differ from step 2 on, its outputs differ, 2 files not compared, as they differ in every run\n',
    );
    expect(stdout).toMatch(/^ {2}fair {2}\d+\.txt +only in exp-1 +0 B +–$/m);
    expect(stdout).toMatch(new RegExp(`^  fair  \\d+\\.txt +only in ${id} +– +0 B$`, 'm'));
    expect(stdout).toMatch(/^ {2}fair {2}rolls\.txt +differs +\d+ B +\d+ B$/m);
    expect(stdout).toMatch(/^ {2}fair {2}files\.files +differs +\["rolls\.txt/m);
    expect(stdout).toMatch(/^ {2}fair {2}roll, step 2 +differs +0\.\d+ +0\.\d+$/m);
    expect(stdout).toMatch(/^ {2}fair {2}roll, at the end +differs +0\.\d+ +0\.\d+$/m);
    expect(stdout).not.toMatch(/constant|speed|when\.txt|same\.txt/);
    expect(stdout).toContain(
      '\nLikely causes\n  fair drew from Math.random 6 times (dice-of.ts:1), which no seed fixes: use context.seed\n',
    );
    expect(stderr).toMatch(new RegExp(`\n  → pipe compare exp-1 ${id}\n$`));
  });

  test('tells a script the same', async () => {
    const { exitCode, stdout } = await pipe('reproduce', 'exp-1', '--json');
    expect(exitCode).toBe(1);
    const found = JSON.parse(stdout) as Reproduction;
    expect(found).toMatchObject({ original: 'exp-1', isEqual: false, damaged: [], changes: [], left: [] });
    expect(found.stages[1]?.metrics).toMatchObject([{ name: 'roll', step: 2 }]);
    expect(found.stages[1]?.files).toHaveLength(3);
  });

  test('and what it gave is kept as that of any run', async () => {
    const { stdout } = await pipe('reproduce', 'exp-1');
    const [id = ''] = /^exp-\d+/.exec(stdout) ?? [];
    expect((await pipe('status', 'dice.yaml')).stdout).toContain(`fair: reused from ${id}\n`);
  });
});

describe('what is another one now is said before', () => {
  test('sources that changed, with those of then; and what only resolved.yaml needs', async () => {
    const project = await makeProject(diceFiles);
    const { dir: cwd } = project;
    await runPipe(['run', 'dice.yaml', '--to', 'loaded'], { cwd });
    await project.write('dice-of.ts', 'export const dice = () => 4;\n');
    await project.write(
      'dice.ts',
      diceStage.replace('version: 1', 'version: 2').replace("'same')", "'new')"),
    );
    await project.write('dice.yaml', '# nothing\n');
    const { stderr, stdout, exitCode } = await runPipe(['reproduce', 'exp-1'], {
      cwd,
      env: { OMP_NUM_THREADS: '1' },
    });
    expect(stderr).toMatch(/^Changed since exp-1\n {2}\$OMP_NUM_THREADS +– → 1\n/);
    expect(stderr).toMatch(/^ {2}dice-of\.ts +[0-9a-f]{12} → [0-9a-f]{12}\n {2}dice\.ts +/m);
    expect(stderr).toMatch(/^ {2}version of loaded +1 → 2$/m);
    expect(stderr).not.toContain('code of');
    expect(stderr).toContain(
      '  → dice-of.ts as it was: experiments/exp-1/source/files/dice-of.ts.txt\n' +
        '  → dice.ts as it was: experiments/exp-1/source/files/dice.ts.txt\n' +
        '  → dice.yaml changed since, which does not matter: exp-1 has its own resolved.yaml\n' +
        '  → fair is left out: exp-1 has no result of it\n',
    );
    expect(stdout).toContain('exp-2 differs from exp-1, which has no result of fair\n');
    expect(stdout).toMatch(/\nChanged since exp-1\n {2}\$OMP_NUM_THREADS /);
    expect(exitCode).toBe(1);
    expect(statuses(await record(project, 'exp-2'))).toEqual(['ran', 'skipped']);
  });

  test('the working folder does not matter, nor where data is said to come from', async () => {
    const placeStage = `import { writeFile } from 'node:fs/promises';
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'place', version: 1, summary: 'Tells a place.', params: Type.Object({}), inputs: {},
  outputs: { dataset: { kind: 'dataset', description: 'One black pixel.' } },
  run: async ({ outputDir }) => {
    for (const name of ['i', 'l']) await writeFile(outputDir + '/' + name, new Uint8Array(1));
    return { dataset: {
      kind: 'dataset', dir: outputDir, images: 'i', labels: 'l', count: 1, height: 1, width: 1, channels: 1,
      classes: ['black'], source: process.cwd(), sha256: '0'.repeat(64), transform: { scale: [1], offset: [0] } } };
  },
});
`;
    const project = await makeProject({
      'place.yaml': 'name: place\nstages: [{ use: ./place.ts }]\n',
      'place.ts': placeStage,
      'inner/x': '',
    });
    await runPipe(['run', 'place.yaml'], { cwd: project.dir });
    const args = ['reproduce', 'exp-1', '--experiments', '../experiments'];
    const { stdout, exitCode } = await runPipe(args, { cwd: project.path('inner') });
    expect(stdout).toContain('exp-2 equals exp-1\n');
    expect(exitCode).toBe(0);
    expect((await record(project, 'exp-2')).pipeline.file).toBe('../place.yaml');
    // Which can be reproduced itself, from where the first one was run.
    expect((await runPipe(['reproduce', 'exp-2'], { cwd: project.dir })).exitCode).toBe(0);
  });

  test('a stage’s file that is gone is named, with where it is', async () => {
    const project = await makeProject(diceFiles);
    const { dir: cwd } = project;
    await runPipe(['run', 'dice.yaml'], { cwd });
    await rename(project.path('dice-of.ts'), project.path('elsewhere.ts'));
    const { stderr, exitCode } = await runPipe(['reproduce', 'exp-1'], { cwd });
    expect(stderr).toContain('exp-1 cannot be run again: ');
    expect(stderr).toContain('\n  dice-of.ts as it was: experiments/exp-1/source/files/dice-of.ts.txt\n');
    expect(exitCode).toBe(2);
    expect(await project.exists('experiments/exp-2')).toBe(false);
  });
});

describe('an experiment whose stages count', () => {
  const twice = `name: twice
stages:
  - { use: ./count.ts, id: first }
  - { use: ./count.ts, id: second, params: { to: 4 } }
`;
  const makeTwice = () => makeProject({ 'twice.yaml': twice, 'count.ts': countingStage });

  test('is equal though a file of it was damaged since: what was recorded counts', async () => {
    const project = await makeTwice();
    const { dir: cwd } = project;
    await runPipe(['run', 'twice.yaml'], { cwd });
    await project.replace('experiments/exp-1/stages/first/output/number.txt', '7');
    const { stdout, stderr, exitCode } = await runPipe(['reproduce', 'exp-1'], { cwd });
    expect(stdout).toMatch(/^exp-2 equals exp-1\n/);
    expect(stderr).toMatch(
      /\nwarning: exp-1\/stages\/first\/output\/number\.txt was changed since it was recorded: pipe verify exp-1\n$/,
    );
    expect(exitCode).toBe(0);
  });

  test('is compared with where its outputs came from; when that is gone, nothing is called equal', async () => {
    const project = await makeTwice();
    const { dir: cwd } = project;
    await runPipe(['run', 'twice.yaml'], { cwd });
    await rm(project.path('experiments/.cache'), { recursive: true });
    const from = await runPipe(['run', 'twice.yaml', '--from', 'second', '--set', 'second.to=5'], { cwd });
    expect(from.exitCode, from.stderr).toBe(0);
    expect(statuses(await record(project, 'exp-2'))).toEqual(['reused', 'ran']);
    const equal = await runPipe(['reproduce', 'exp-2'], { cwd });
    expect(equal.stdout).toContain('exp-3 equals exp-2\n\nStages\n  first   equal  1 file (1 B), 3 points\n');
    expect(statuses(await record(project, 'exp-3'))).toEqual(['ran', 'ran']);

    await rm(project.path('experiments/exp-1'), { recursive: true });
    const { stdout, exitCode } = await runPipe(['reproduce', 'exp-2'], { cwd });
    expect(stdout).toMatch(
      /^ {2}first +not compared {2}its outputs are those of exp-1: there is no experiment exp-1/m,
    );
    expect(stdout).toMatch(/^ {2}second +equal/m);
    expect(exitCode).toBe(1);
  });

  test('is compared by resume when Ctrl-C stopped the reproduction', async () => {
    const project = await makeProject({
      'twice.yaml': twice.replace('to: 4', 'to: 3'),
      'count.ts': countingStage.replace(
        "console.log('counting');",
        'if (process.env.WAIT) for (;;) { await setImmediate(); if (context.signal.aborted) throw new Interrupted(); }',
      ),
    });
    const { dir: cwd } = project;
    await runPipe(['run', 'twice.yaml'], { cwd });
    const stopped = await runPipe(['reproduce', 'exp-1'], {
      cwd,
      env: { WAIT: '1' },
      signalAfter: text => text.includes('first: started'),
    });
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stdout).toBe('');
    expect(stopped.stderr).toContain(
      'nothing is compared yet: pipe resume exp-2 continues it, and then compares it with exp-1\n',
    );
    const resumed = await runPipe(['resume', 'exp-2'], { cwd });
    expect(resumed.stdout).toBe('exp-2\n');
    expect(resumed.stderr).toContain('\nexp-2 equals exp-1\n');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
  });

  test('whose stage fails now differs', async () => {
    const project = await makeTwice();
    const { dir: cwd } = project;
    await runPipe(['run', 'twice.yaml'], { cwd });
    await project.write(
      'count.ts',
      countingStage.replace("console.log('counting');", "if (to === 4) throw new Error('no');"),
    );
    const { stdout, exitCode } = await runPipe(['reproduce', 'exp-1'], { cwd });
    expect(stdout).toMatch(/^exp-2 differs from exp-1\n/);
    expect(stdout).toMatch(/^ {2}second +not compared {2}it has no result in exp-2 \(failed\)$/m);
    expect(exitCode).toBe(1);
  });

  test('cannot be reproduced while it runs, or when nothing came of it', async () => {
    const project = await makeProject({
      'endless.yaml': 'name: endless\nstages: [{ use: ./count.ts, params: { to: 0 } }]\n',
      'count.ts': countingStage,
    });
    const { dir: cwd } = project;
    const running = startPipe(['run', 'endless.yaml'], { cwd });
    await running.stderrUntil(/warning: at 1/);
    const early = await runPipe(['reproduce', 'exp-1'], { cwd });
    expect(early.stderr).toBe(
      'error: exp-1 is still running: its results are not known yet\n  → pipe show exp-1 shows its progress\n',
    );
    expect(early.exitCode).toBe(2);
    running.kill('SIGKILL');
    await running.finished;
    const { stderr, exitCode } = await runPipe(['reproduce', 'exp-1'], { cwd });
    expect(stderr).toBe(
      'error: no stage of exp-1 (crashed) has a result: there is nothing to reproduce\n  → to continue it: pipe resume exp-1\n',
    );
    expect(exitCode).toBe(2);
    expect(await project.exists('experiments/exp-2')).toBe(false);
  });
});
