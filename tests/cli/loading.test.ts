/** What the file of a stage does while commands that run nothing load it. */
import { describe, expect, test } from 'vitest';
import { makeProject, runPipe, startPipe } from '../rig/pipe.ts';

const stageFile = (head: string) => `import { execSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync, writeSync } from 'node:fs';
import { defineStage, Type } from 'pipe';
${head}
export default defineStage({
  name: 'mine',
  version: 1,
  summary: 'Does things while it is loaded.',
  params: Type.Object({}),
  inputs: {},
  outputs: { files: { kind: 'files', description: 'Nothing.' } },
  run: async ({ outputDir }) => ({ files: { kind: 'files', dir: outputDir, files: [] } }),
});
`;

const project = (head: string) =>
  makeProject({ 'p.yaml': 'name: p\nstages:\n  - use: ./mine.ts\n', 'mine.ts': stageFile(head) });

describe('a file that ends the process is a problem of its own', () => {
  test.each([
    ['process.exit(0);', 'mine.ts:4:9 error: stage file mine.ts fails to load: Error: calls process.exit(0)'],
    [
      'try { process.exit(0); } catch {}',
      'mine.ts:4:15 error: stage file mine.ts fails to load: Error: calls process.exit(0)',
    ],
    ['process.abort();', 'mine.ts:4:9 error: stage file mine.ts fails to load: Error: calls process.abort()'],
    [
      "void Promise.reject(new Error('nobody listens'));",
      'mine.ts:4:21 error: stage file mine.ts fails to load: Error: nobody listens',
    ],
    [
      'await new Promise(() => {});',
      'p.yaml:3:10 error: stage file mine.ts fails to load: Error: waits for what cannot happen',
    ],
  ])('%s', async (head, message) => {
    const { dir } = await project(head);
    const { exitCode, stdout, stderr } = await runPipe(['validate', 'p.yaml'], { cwd: dir });
    expect(stderr).toContain(message);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test.each([
    [['status', 'p.yaml', '--json']],
    [['stages', './mine.ts', '--json']],
    [['run', '--dry-run', 'p.yaml']],
  ])('pipe %j', async args => {
    const { dir } = await project('process.exit(0);');
    const { exitCode, stdout, stderr } = await runPipe(args, { cwd: dir });
    expect(stderr).toMatch(/^mine\.ts:4:9 error: .* calls process\.exit\(0\): a stage’s file must not end/);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('under watch, which stays', async () => {
    const place = await project('process.exit(0);');
    const pipe = startPipe(['watch', 'p.yaml'], { cwd: place.dir });
    await pipe.stderrUntil(/mine\.ts:4:9 error: .* calls process\.exit\(0\)/);
    await place.write('mine.ts', stageFile(''));
    await pipe.stderrUntil(/exp-1 finished/);
    pipe.kill('SIGINT');
    expect((await pipe.finished).exitCode).toBe(130);
  });

  test.each([
    ['an endless loop', 'for (;;) {}', 'loading'],
    ['an await that lasts', 'setInterval(() => {}, 1000); await new Promise(() => {});', 'loading'],
    ['an await of nothing', 'await new Promise(() => {});', 'waits for what cannot happen'],
  ])('under watch, %s outside of functions: a save reads the file again', async (_, head, said) => {
    const place = await project(`process.stderr.write('loading\\n'); ${head}`);
    const pipe = startPipe(['watch', 'p.yaml'], { cwd: place.dir });
    await pipe.stderrUntil(stderr => stderr.includes(said));
    await place.write('mine.ts', stageFile(''));
    await pipe.stderrUntil(/exp-1 finished/);
    pipe.kill('SIGINT');
    expect((await pipe.finished).exitCode).toBe(130);
  });

  test('later, by a timer: it is said, and no success', async () => {
    const { dir } = await project('setTimeout(() => process.exit(0), 0); await 0;');
    const { exitCode, stderr } = await runPipe(['status', 'p.yaml'], { cwd: dir });
    expect(stderr).toMatch(/process\.exit\(0\).*(at mine\.ts:4:26|must not end)/);
    expect(exitCode).not.toBe(0);
  });
});

test('what a file leaves open while it is loaded holds up nothing', async () => {
  const { dir } = await project('setInterval(() => {}, 1000);');
  const { exitCode, stdout } = await runPipe(['validate', 'p.yaml'], { cwd: dir, timeout: 30_000 });
  expect(stdout).toContain('p.yaml is valid');
  expect(exitCode).toBe(0);
});

test('data stays data, whatever a file and its child processes write to descriptor 1', async () => {
  const { dir } = await project(`
    writeSync(1, 'raw\\n');
    writeFileSync('/dev/stdout', 'by name\\n');
    spawnSync('echo', ['of a child'], { stdio: 'inherit' });
    execSync('echo of a shell', { stdio: [0, 1, 2] });
    await new Promise(end => spawn('echo', ['of one beside'], { stdio: ['ignore', process.stdout, 2] }).on('exit', end));
  `);
  const { stdout, stderr } = await runPipe(['status', 'p.yaml', '--json'], { cwd: dir });
  expect(JSON.parse(stdout)).toMatchObject({ stages: [{ id: 'mine' }] });
  expect(stderr).toBe('raw\nby name\nof a child\nof a shell\nof one beside\n');
});
