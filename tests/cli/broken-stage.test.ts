/** A stage whose own functions are broken: the user is told which one, and nothing is called a bug in pipe. */
import { describe, expect, test } from 'vitest';
import { makeProject } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const stageWith = (more: string) => `
import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'mine',
  version: 1,
  summary: 'Breaks.',
  params: Type.Object({ size: Type.Integer({ default: 3, description: 'A size.' }) }),
  inputs: {},
  outputs: { files: { kind: 'files', description: 'Nothing.' } },
  ${more}
  run: async ({ outputDir }) => ({ files: { kind: 'files', dir: outputDir, files: [] } }),
});
`;

/** What deciding says; nothing runs in this process. */
async function status(more: string, command = 'status') {
  const project = await makeProject({
    'p.yaml': 'name: p\nstages:\n  - use: ./mine.ts\n',
    'mine.ts': stageWith(more),
  });
  return runMain([command, 'p.yaml'], project.dir);
}

describe('a function of a stage that throws or returns the wrong thing is named', () => {
  test.each([
    ['check: () => { throw new Error("no luck"); },', 'the check of stage "mine" fails: no luck'],
    ['check: () => { throw null; },', 'the check of stage "mine" fails: null was thrown, which is no error'],
    ['check: (() => 42) as never,', 'the check of stage "mine" returns 42; expected a list of problems'],
    [
      'check: (async () => []) as never,',
      'the check of stage "mine" returns a Promise; expected a list of problems',
    ],
    [
      'check: (() => ["words"]) as never,',
      'the check of stage "mine" returns a list with "words"; expected problems { path, code, message }',
    ],
    [
      'check: (() => [{ path: [], code: "x", message: "y", hint: 7 }]) as never,',
      'the check of stage "mine" returns a list with an object; expected problems',
    ],
    ['alwaysRun: () => { throw new Error("no luck"); },', 'the alwaysRun of stage "mine" fails: no luck'],
    ['cacheKey: async () => { throw new Error("no luck"); },', 'the cacheKey of stage "mine" fails: no luck'],
    ['cacheKey: (async () => 5n) as never,', 'the cacheKey of stage "mine" returns 5n; expected a text'],
    [
      'cacheKey: (async () => undefined) as never,',
      'the cacheKey of stage "mine" returns undefined; expected a text',
    ],
  ])('%s', async (more, words) => {
    const { exitCode, stderr } = await status(more);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('bug in pipe');
    expect(exitCode).toBe(2);
  });

  test('with the place in its file', async () => {
    const { stderr } = await status('check: () => { throw new Error("no luck"); },');
    expect(stderr).toMatch(/mine\.ts:\d+:\d+/);
  });

  test('but a cacheKey whose data is not there lets the stage say so itself', async () => {
    const { exitCode, stderr } = await status(
      'cacheKey: async () => (await import("node:fs/promises")).readFile("/no/such/file", "utf8"),',
    );
    expect(exitCode, stderr).toBe(0);
  });

  test('and none of them can change the parameters', async () => {
    const { exitCode, stderr } = await status(
      'check: (params: { size: number }) => { params.size = -1; return []; },',
      'validate',
    );
    expect(exitCode, stderr).toBe(0);
    const run = await status('alwaysRun: (params: { size: number }) => { params.size = -1; return true; },');
    expect(run.exitCode, run.stderr).toBe(0);
  });
});
