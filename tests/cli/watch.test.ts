import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe, startPipe, type Project, type RunningPipe } from '../rig/pipe.ts';

const base = `vars: { to: 2 }
stages:
  - use: ./stages/count.ts
    params: { to: 2 }
`;

/**
 * Learns step by step until there is a file called enough. With `every: 1` each step is a checkpoint; with 0 the only one is that of
 * the moment at which it is stopped.
 */
const learningStage = `
import { setImmediate } from 'node:timers/promises';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineStage, Interrupted, Type } from 'pipe';

export default defineStage({
  name: 'learn',
  version: 1,
  summary: 'Learns.',
  params: Type.Object({
    rate: Type.Integer({ default: 1, description: 'How fast.' }),
    every: Type.Integer({ default: 1, description: 'Steps between checkpoints.' }),
  }),
  inputs: {},
  outputs: { learnt: { kind: 'files', description: 'The last step.' } },
  resumable: [],
  async run({ params: { every }, resume, emit, signal, outputDir, pipelineDir }) {
    const path = join(outputDir, 'step.txt');
    let step = resume && existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    if (step > 0) emit({ type: 'log', level: 'warning', text: 'resumed at ' + step });
    const save = () => {
      emit({ type: 'checkpoint' });
      writeFileSync(path, String(step));
    };
    while (!existsSync(join(pipelineDir, 'enough'))) {
      await setImmediate();
      if (signal.aborted) {
        save();
        throw new Interrupted();
      }
      if (++step % every === 0) save();
      if (step === 1) emit({ type: 'log', level: 'warning', text: 'began' });
    }
    save();
    resume?.markReproducible();
    return { learnt: { kind: 'files', dir: outputDir, files: ['step.txt'] } };
  },
});
`;

const own = 'name: tiny\nextends: base.yaml\n';

/** Counts until it is stopped. */
const endless = base.replace('params: { to: 2 }', 'params: { to: 0 }');

const project = (baseText = base) =>
  makeProject({ 'tiny.yaml': own, 'base.yaml': baseText, 'stages/count.ts': countingStage });

const watch = (place: Project) =>
  startPipe(['watch', 'tiny.yaml'], { cwd: place.dir, env: { npm_lifecycle_event: undefined } });

const status = async (place: Project, id: string) =>
  (await place.readJson<ExperimentRecord>(`experiments/${id}/experiment.json`)).status;

/** Ids of the experiments in the trash. */
const trash = async (place: Project) => {
  const folder = place.path('experiments/.trash');
  return existsSync(folder) ? (await readdir(folder)).map(name => name.split(',')[2]) : [];
};

/** Waits until a text has been said so many times. */
const said = (pipe: RunningPipe, text: string, times = 1) =>
  pipe.stderrUntil(stderr => stderr.split(text).length > times);

/** A watch whose first run has ended. */
async function settled(place: Project): Promise<RunningPipe> {
  const pipe = watch(place);
  await said(pipe, 'watching tiny.yaml — q quits\n');
  return pipe;
}

async function quit(pipe: RunningPipe): Promise<string> {
  pipe.type('q');
  const { exitCode, stderr } = await pipe.finished;
  expect(exitCode).toBe(0);
  return stderr;
}

describe('a change', () => {
  test('of what the file extends: runs again, and says what changed', async () => {
    const place = await project();
    const pipe = await settled(place);
    await place.write('base.yaml', base.replace('params: { to: 2 }', 'params: { to: 4 }'));
    await said(pipe, 'watching tiny.yaml', 2);
    const stderr = await quit(pipe);
    expect(stderr).toContain('tiny.yaml changed:\n  count.to 2 → 4\nexp-2 · tiny\n');
    expect(stderr).toContain('count: counted to 4');
  });

  test('of a user’s stage', async () => {
    const place = await project();
    const pipe = await settled(place);
    await place.write('stages/count.ts', countingStage.replace('counted to', 'went up to'));
    await said(pipe, 'watching tiny.yaml', 2);
    const stderr = await quit(pipe);
    expect(stderr).toContain('tiny.yaml changed:\n  code of ./stages/count.ts changed\nexp-2 · tiny\n');
    expect(stderr).toContain('count: went up to 2');
  });

  test('that is doubtful and changes nothing: shows the warning, once', async () => {
    const place = await project();
    const ignores = `ignores: () => [{ path: ['deaf'], because: ['to'] }],`;
    await place.write('stages/count.ts', countingStage.replace('metrics:', `${ignores} metrics:`));
    const pipe = await settled(place);
    await place.write(
      'base.yaml',
      base.replace('    params: { to: 2 }', '    params: { to: 2, deaf: true }'),
    );
    await said(pipe, 'nothing changed');
    const warning = 'base.yaml:4:22 warning: parameter "deaf" of stage "count" has no effect: to is 2';
    expect((await quit(pipe)).split(warning)).toHaveLength(2);
  });

  test('saved by rename, again and again', async () => {
    const place = await project();
    const pipe = await settled(place);
    for (const [index, seed] of [5, 6, 7].entries()) {
      await place.replace('tiny.yaml', `${own}seed: ${seed}\n`);
      await said(pipe, 'watching tiny.yaml', index + 2);
    }
    const stderr = await quit(pipe);
    expect(stderr).toContain('seed 1 → 5');
    expect(stderr).toContain('seed 5 → 6');
    expect(stderr).toContain('seed 6 → 7');
    expect(stderr).toContain('exp-4 finished');
  });

  test('of twenty quick saves: one run', async () => {
    const place = await project();
    const pipe = await settled(place);
    for (let save = 1; save <= 20; save++)
      writeFileSync(place.path('tiny.yaml'), `${own}seed: ${save + 100}\n`);
    await said(pipe, 'watching tiny.yaml', 2);
    const stderr = await quit(pipe);
    expect(stderr).toContain('seed 1 → 120');
    expect(stderr).toContain('exp-2 finished');
    expect(await place.exists('experiments/exp-3')).toBe(false);
  });

  test('while a run goes on: stops it first', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    await place.write('base.yaml', base);
    await said(pipe, 'watching tiny.yaml');
    const stderr = await quit(pipe);
    expect(stderr).toContain(
      'tiny.yaml changed:\n  count.to 0 → 2\nstopping the run at its next safe point; stages that did not change resume from there\n',
    );
    expect(stderr).toContain('count: interrupted: saved');
    expect(stderr).toContain(
      'exp-1 is in the trash, as it had no result of its own yet: pipe restore exp-1 brings it back\nexp-2 · tiny\n',
    );
    expect(await trash(place)).toEqual(['exp-1']);
    expect(await status(place, 'exp-2')).toBe('finished');
  });

  test('of a later stage, while a resumable one runs: that goes on in the new experiment', async () => {
    const place = await project(`stages:
  - { use: ./stages/learn.ts }
  - { use: ./stages/count.ts, params: { to: 2 } }
`);
    await place.write('stages/learn.ts', learningStage);
    const pipe = watch(place);
    await said(pipe, 'began');
    await place.write('base.yaml', (await place.read('base.yaml')).replace('to: 2', 'to: 3'));
    await said(pipe, 'resumed at');
    await place.write('enough', '');
    await said(pipe, 'watching tiny.yaml');
    const stderr = await quit(pipe);
    expect(stderr.split('began')).toHaveLength(2);
    const { stages } = await place.readJson<ExperimentRecord>('experiments/exp-2/experiment.json');
    expect(stages[0]).toMatchObject({ id: 'learn', status: 'ran', resumedFrom: 'exp-1' });
    expect(stderr).toContain(
      'exp-1 is in the trash, as exp-2 resumed from its checkpoint: pipe restore exp-1',
    );
    expect(await trash(place)).toEqual(['exp-1']);
  });

  test('of a training: what it had learnt stays, unless it had not come to its first checkpoint', async () => {
    const learning = (params: string) => `stages: [{ use: ./stages/learn.ts, params: { ${params} } }]\n`;
    const place = await project(learning('rate: 1'));
    await place.write('stages/learn.ts', learningStage);
    const pipe = watch(place);
    await said(pipe, 'began');
    await place.write('base.yaml', learning('rate: 2, every: 1000000000'));
    await said(pipe, 'began', 2);
    await place.write('base.yaml', learning('rate: 3, every: 1000000000'));
    await said(pipe, 'began', 3);
    await place.write('enough', '');
    await said(pipe, 'watching tiny.yaml');
    const stderr = await quit(pipe);
    expect(stderr).toContain('exp-2 is in the trash, as it was stopped before its first checkpoint');
    expect(await trash(place)).toEqual(['exp-2']);
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('after a stage whose result is in no cache: it stays', async () => {
    const place = await project(`stages:
  - { id: first, use: ./stages/alwaysRun.ts, params: { to: 1 } }
  - { use: ./stages/count.ts, params: { to: 0 } }
`);
    await place.write(
      'stages/alwaysRun.ts',
      countingStage.replace("'count',\n  version: 1", "'alwaysRun',\n  version: 1, alwaysRun: true"),
    );
    const pipe = watch(place);
    await said(pipe, 'at 1', 2);
    await place.write('base.yaml', (await place.read('base.yaml')).replace('to: 0', 'to: 2'));
    await said(pipe, 'watching tiny.yaml');
    expect(await quit(pipe)).not.toContain('trash');
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('while a run that a tag names goes on: it stays', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    expect((await runPipe(['tag', 'exp-1', 'mine'], { cwd: place.dir })).exitCode).toBe(0);
    await place.write('base.yaml', base);
    await said(pipe, 'watching tiny.yaml');
    expect(await quit(pipe)).not.toContain('trash');
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('back to what ran before: names that experiment, and no option that watch lacks', async () => {
    const place = await project();
    const pipe = await settled(place);
    await place.write('base.yaml', base.replace('params: { to: 2 }', 'params: { to: 4 }'));
    await said(pipe, 'watching tiny.yaml', 2);
    await place.write('base.yaml', base);
    await said(pipe, 'watching tiny.yaml', 3);
    const stderr = await quit(pipe);
    expect(stderr).toContain('count.to 4 → 2\nnothing changed: equals exp-1\n');
    expect(stderr).not.toContain('--force');
  });

  test('by replacing the folder that it lies and runs in, as a switch of branches does', async () => {
    const place = await makeProject();
    const write = async (folder: string, to: number) => {
      await place.write(`${folder}/tiny.yaml`, own);
      await place.write(`${folder}/base.yaml`, base.replace('params: { to: 2 }', `params: { to: ${to} }`));
      await place.write(`${folder}/stages/count.ts`, countingStage);
    };
    await write('here', 2);
    await write('other', 3);
    const pipe = startPipe(['watch', 'tiny.yaml'], { cwd: place.path('here') });
    await said(pipe, 'watching tiny.yaml');
    renameSync(place.path('here'), place.path('old'));
    renameSync(place.path('other'), place.path('here'));
    await said(pipe, 'watching tiny.yaml', 2);
    await rm(place.path('here'), { recursive: true });
    await said(pipe, 'watching tiny.yaml', 3);
    await write('here', 4);
    await said(pipe, 'counted to 4');
    const stderr = await quit(pipe);
    expect(stderr).toContain('count: counted to 3');
  });

  test('that changes nothing: runs nothing, and says so', async () => {
    const place = await project();
    const pipe = await settled(place);
    await place.write('tiny.yaml', `# a comment\n${own}`);
    await said(pipe, 'tiny.yaml was saved, and nothing changed\n');
    await quit(pipe);
    expect(await place.exists('experiments/exp-2')).toBe(false);
  });
});

describe('a file that is not valid', () => {
  test('shows its errors, and leaves the run alone', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    await place.write('base.yaml', endless.replace('to: 0 }', 'two: 0 }'));
    await said(pipe, 'the run continues as it was started\n');
    expect(pipe.stderr).toContain('base.yaml:4:15 error: unknown parameter "two"');
    expect(await status(place, 'exp-1')).toBe('running');
    await place.write('base.yaml', endless);
    await said(pipe, 'tiny.yaml was saved, and nothing changed: the run continues\n');
    await quit(pipe);
    expect(await place.exists('experiments/exp-2')).toBe(false);
  });

  test('from the start: runs when it is mended', async () => {
    const place = await project('stages: [\n');
    const pipe = watch(place);
    await said(pipe, 'watching tiny.yaml — q quits\n');
    expect(pipe.stderr).toContain('base.yaml:');
    await place.write('base.yaml', base);
    await said(pipe, 'exp-1 finished');
    await quit(pipe);
  });

  test('because something that it names is missing: runs when that appears', async () => {
    const place = await makeProject({ 'tiny.yaml': own, 'stages/count.ts': countingStage });
    const pipe = watch(place);
    await said(pipe, 'watching tiny.yaml — q quits\n');
    await place.write('base.yaml', base);
    await said(pipe, 'exp-1 finished');
    await quit(pipe);
  });
});

test('on a terminal problems are coloured, and what a file says is not', async () => {
  const place = await makeProject({ 'tiny.yaml': 'name: tiny\n"\\e[31mred": 1\n' });
  let text = '';
  const stderr = Object.assign(new Writable(), { isTTY: true });
  const watching = new Promise<void>(resolve => {
    stderr._write = (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      if (text.includes('q quits')) resolve();
      done();
    };
  });
  const io = { stdout: process.stdout, stderr, env: {}, cwd: place.dir };
  const ended = main(['watch', 'tiny.yaml'], io);
  await watching;
  process.stdin.emit('data', Buffer.from('q'));
  expect(await ended).toBe(0);
  expect(text).toContain('\u001b[31merror:\u001b[39m');
  expect(text).toContain('unknown key "\\u001b[31mred"');
});

describe('leaving', () => {
  test('with q while something runs: it is stopped and recorded, exit code 0', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    const stderr = await quit(pipe);
    expect(stderr).toContain('finishing the iteration, saving… q or Ctrl-C again stops at once\n');
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('with Ctrl-C: the same, exit code 130', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    pipe.kill('SIGINT');
    expect((await pipe.finished).exitCode).toBe(130);
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('twice, when the stage takes no notice: at once', async () => {
    const place = await project(endless.replace('to: 0 }', 'to: 0, deaf: true }'));
    const pipe = watch(place);
    await said(pipe, 'at 1');
    pipe.type('q');
    await said(pipe, 'again stops at once');
    await quit(pipe);
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });

  test('by a kill that cannot be caught: the run ends by itself', async () => {
    const place = await project(endless);
    const pipe = watch(place);
    await said(pipe, 'at 1');
    pipe.kill('SIGKILL');
    // Its output stays open until the run has closed it as well.
    await pipe.finished;
    expect(await status(place, 'exp-1')).toBe('interrupted');
  });
});

test.each([
  ['a file that does not exist', ['tini.yaml'], 'tini.yaml'],
  ['a setting of nothing', ['tiny.yaml', '--set', 'count.too=3'], 'did you mean "to"?'],
])('%s is a mistake that no save mends: exit code 2', async (_, args, message) => {
  const place = await project();
  const { exitCode, stderr } = await runPipe(['watch', ...args], { cwd: place.dir });
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

test('what is set stays set', async () => {
  const place = await project();
  const pipe = startPipe(['watch', 'tiny.yaml', '--set', 'count.to=5', '--experiments', 'here'], {
    cwd: place.dir,
  });
  await said(pipe, 'count: counted to 5');
  await quit(pipe);
  expect(await place.exists('here/exp-1')).toBe(true);
});
