import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { endingStage } from '../rig/ending-stage.ts';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';
import { onTerminal, terminalEnv } from '../rig/terminal.ts';

const project = (first = 'well', second = 'well') =>
  makeProject({
    'p.yaml': `name: p
stages:
  - { use: ./mine/ending.ts, id: first, params: { ends: ${first} } }
  - { use: ./mine/ending.ts, id: second, params: { ends: ${second} } }
`,
    'mine/ending.ts': endingStage,
  });

const record = (place: Project) => place.readJson<ExperimentRecord>('experiments/exp-1/experiment.json');

const lineOf = (text: string) => endingStage.split('\n').findIndex(line => line.includes(text)) + 1;

describe('a stage that ends the process of its run', () => {
  test.each([
    [
      'exit',
      1,
      `stage "second" ended the process by process.exit(0) at mine/ending.ts:${lineOf('exit: ')}:23`,
    ],
    ['reallyExit', 1, 'stage "second" ended the process with exit code 0'],
    ['abort', 134, 'the process was ended by SIGABRT while stage "second" ran'],
    ['segfault', 139, 'the process was ended by SIGSEGV while stage "second" ran'],
    ['kill', 137, 'the process was killed (SIGKILL) while stage "second" ran'],
  ])('by %s: it is said and recorded, exit code %i', async (ends, code, message) => {
    const place = await project('well', ends);
    const { exitCode, stdout, stderr } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
    expect(stderr).toContain(`error: ${message}\n`);
    expect(stderr).toContain('pipe resume exp-1\n');
    expect(stdout).toBe('exp-1\n');
    expect(exitCode).toBe(code);
    const { status, failure, stages, metrics } = await record(place);
    expect(status).toBe('failed');
    expect(failure).toMatchObject({ stage: 'second', code: 'process-ended' });
    expect(failure?.message.startsWith(message)).toBe(true);
    expect(stages.map(stage => stage.status)).toEqual(['ran', 'failed']);
    expect(metrics['second.number']).toMatchObject({ stage: 'second', description: 'A number.', count: 1 });
    expect(await place.read('experiments/exp-1/stages/second/log.txt')).toContain(message);
  });

  test('can be resumed with what was done, and is what it would be', async () => {
    const place = await project('well', 'exit');
    await runPipe(['run', 'p.yaml'], { cwd: place.dir });
    await place.write('mine/ending.ts', endingStage.replace('exit: () => process.exit(0)', 'exit: () => {}'));
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1'], { cwd: place.dir });
    expect(stderr).toContain('done before');
    expect(exitCode, stderr).toBe(0);
    expect((await runPipe(['verify'], { cwd: place.dir })).exitCode).toBe(0);
  });

  test('while its file is loaded: nothing is recorded, and the file is named', async () => {
    const place = await project();
    await place.write('mine/ending.ts', `\nprocess.exit(0);\n${endingStage}`);
    const { exitCode, stdout, stderr } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
    expect(stderr).toContain(
      'mine/ending.ts:2:9 error: stage file mine/ending.ts fails to load: Error: calls process.exit(0): ',
    );
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(await place.exists('experiments')).toBe(false);
  });
});

describe('a stage that never ends', () => {
  test('as nothing can settle its promise: it fails', async () => {
    const place = await project('never');
    const { exitCode, stderr } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
    expect(stderr).toContain('error: stage "first" waits for what cannot happen: its promise is pending');
    expect(stderr).toContain('second: skipped: first failed\n');
    expect(exitCode).toBe(1);
    expect(await record(place)).toMatchObject({ status: 'failed', failure: { code: 'never-ends' } });
  });

  // Skipped where neither script (util-linux) nor Python makes a terminal.
  test.skipIf(onTerminal === undefined)(
    'is noticed on a terminal, whose display moves by itself',
    async () => {
      const place = await project('never');
      const { exitCode, stdout } = await runPipe(['run', 'p.yaml'], {
        cwd: place.dir,
        within: onTerminal ?? [],
        env: terminalEnv,
        timeout: 30_000,
      });
      expect(stdout).toContain('\u001b[?25l');
      expect(stdout).toContain('stage "first" waits for what cannot happen');
      expect(exitCode).toBe(1);
      expect(await record(place)).toMatchObject({ status: 'failed', failure: { code: 'never-ends' } });
    },
  );

  test('as it never returns to the event loop: the second Ctrl-C ends it', async () => {
    const place = await project('loop');
    const pipe = startPipe(['run', 'p.yaml'], { cwd: place.dir, env: { npm_lifecycle_event: undefined } });
    await pipe.stderrUntil(/began/);
    pipe.kill('SIGINT');
    await pipe.stderrUntil(/has not heard it yet; press Ctrl-C again to end it\n/);
    pipe.kill('SIGINT');
    const { exitCode, stderr } = await pipe.finished;
    expect(stderr).toContain('error: stage "first" did not stop, so its process was ended\n');
    expect(exitCode).toBe(130);
    const { status, stages } = await record(place);
    expect([status, stages[0]?.status]).toEqual(['interrupted', 'interrupted']);
  });

  test('is ended with the process that follows it, whatever it does', async () => {
    const place = await project('loop');
    const pipe = startPipe(['run', 'p.yaml'], { cwd: place.dir });
    await pipe.stderrUntil(/began/);
    pipe.kill('SIGKILL');
    // Its output stays open until the run has closed it as well.
    await pipe.finished;
    const { stdout } = await runPipe(['list'], { cwd: place.dir });
    expect(stdout).toMatch(/exp-1 .* crashed /);
  });
});

test('an error of something that a stage left running ends the run, and names that stage', async () => {
  const place = await project('later', 'waits');
  const { exitCode, stderr } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
  const line = lineOf("Error('too late')");
  expect(stderr).toContain(
    `mine/ending.ts:${line}:15 error: unexpected error in stage "first": too late, stack in `,
  );
  expect(exitCode).toBe(1);
  expect((await record(place)).status).toBe('failed');
  expect(await place.read('experiments/exp-1/stages/first/log.txt')).toContain(`ending.ts:${line}:15`);
});

test('what a stage leaves open holds up nothing', async () => {
  const place = await project('leavesOpen');
  const { exitCode } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
  expect(exitCode).toBe(0);
});

test('a script that reads the id gets nothing else, whatever is printed by whom', async () => {
  const place = await project('prints');
  const { stdout, stderr } = await runPipe(['run', 'p.yaml'], { cwd: place.dir });
  expect(stdout).toBe('exp-1\n');
  expect(stderr).toContain('printed while it is loaded\n');
  expect(stderr).toContain('raw\nof a child\n');
  expect(readFileSync(place.path('experiments/exp-1/stages/first/log.txt'), 'utf8')).toContain('logged\n');
});

test('data stays data where the file of a stage prints while it is loaded', async () => {
  const place = await project();
  const { stdout, stderr } = await runPipe(['stages', './mine/ending.ts', '--json'], { cwd: place.dir });
  expect(JSON.parse(stdout)).toMatchObject({ name: 'ending' });
  expect(stderr).toContain('printed while it is loaded\n');
});
