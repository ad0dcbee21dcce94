/** The command on a small file system that fills up: what a user is told, what stays, and how it goes on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { almostFullFileSystem } from '../registry/rig.ts';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { tinyPipeline } from '../rig/tiny-pipeline.ts';
import { outcomeOf, recordIn, type Outcome } from './outcome.ts';

/** A stage that writes nothing, and measures a lot. */
const measuringStage = `
import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'measure',
  version: 1,
  summary: 'Measures.',
  params: Type.Object({}),
  inputs: {},
  outputs: { nothing: { kind: 'files', description: 'No file.' } },
  metrics: { number: { description: 'The number.', direction: 'none' } },
  async run({ emit, outputDir }) {
    for (let step = 1; step <= 5000; step++) emit({ type: 'metric', step, values: { number: step } });
    return { nothing: { kind: 'files', dir: outputDir, files: [] } };
  },
});
`;

const FULL = 'the disk is full (ENOSPC)';

let project: Project;
let whole: Outcome;

beforeAll(async () => {
  project = await makeProject({
    'tiny.yaml': tinyPipeline,
    'measure.yaml': 'name: measure\nstages:\n  - use: ./measure.ts\n',
    'measure.ts': measuringStage,
  });
  const { exitCode, stderr } = await runPipe(['run', 'tiny.yaml'], { cwd: project.dir });
  expect(exitCode, stderr).toBe(0);
  whole = outcomeOf(project.path('experiments/exp-1'));
});

/** The project with its experiments on a file system of which so many kB are free. */
function onFullDisk(kilobytes: number, context: TestContext) {
  const disk = almostFullFileSystem(kilobytes);
  if (disk === undefined) return context.skip('only a user who may mount can fill a small file system');
  const experiments = join(disk.folder, 'experiments');
  const pipe = (...args: readonly string[]) =>
    runPipe([...args, '--experiments', experiments], { cwd: project.dir });
  const expectVerified = async () => {
    const { exitCode, stdout } = await pipe('verify');
    expect(stdout).toContain('everything is as it was recorded');
    expect(exitCode).toBe(0);
  };
  return { ...disk, experiments, dir: join(experiments, 'exp-1'), pipe, expectVerified };
}

/** Files that something was to be written to before it got its name. */
const temporaryFiles = (experiments: string): readonly string[] =>
  readdirSync(experiments, { recursive: true, encoding: 'utf8' }).filter(path =>
    /\.tmp$|^\.staging\/./.test(path),
  );

const STAGES = ['load-cifar', 'normalize', 'build-model', 'train', 'gif'];

describe('a disk that fills up', () => {
  test.for([
    ['load-cifar', 'output/images.u8', 300],
    ['train', 'output', 660],
    ['gif', 'output', 1030],
  ] as const)(
    'in %s fails the run, which goes on as soon as there is room',
    async ([stage, file, free], context) => {
      const disk = onFullDisk(free, context);
      const { dir, experiments, pipe } = disk;
      const path = join(dir, 'stages', stage, file);
      const failed = await pipe('run', 'tiny.yaml');
      expect(failed.stderr).toContain(
        `error: cannot write ${path}: ${FULL}
  → Free some space, or `,
      );
      expect(failed.stderr).toMatch(
        /What was written before is intact\.\nexp-1 failed [^]*\n {2}→ pipe resume --experiments \S+ exp-1\n$/,
      );
      expect(failed.stderr).not.toMatch(/^ +at /m);
      expect(failed.exitCode).toBe(1);

      const at = STAGES.indexOf(stage);
      const before = recordIn(dir);
      expect(before.failure).toMatchObject({ stage, message: `cannot write ${path}: ${FULL}` });
      expect(before.stages.map(({ status }) => status)).toEqual(
        STAGES.map((_, index) => (index < at ? 'ran' : index === at ? 'failed' : 'skipped')),
      );
      for (const command of ['list', 'show'])
        expect((await pipe(...(command === 'show' ? ['show', 'exp-1'] : ['list']))).stdout).toMatch(
          /exp-1 .*failed/,
        );

      // What the failed try left unfinished is freed first: that may be enough to begin, and not to end.
      const still = await pipe('resume', 'exp-1');
      expect(still.stderr.split('\n').find(line => line.startsWith('error:'))).toMatch(
        new RegExp(`^error: cannot write ${dir}(/stages/${stage}/\\S+)?: ${FULL.replace(/[()]/g, '\\$&')}$`),
      );
      expect(still.exitCode).toBe(1);
      const after = recordIn(dir);
      expect(after.status).toBe('failed');
      expect(after.stages.map(({ status }) => status)).toEqual(before.stages.map(({ status }) => status));
      expect(temporaryFiles(experiments)).toEqual([]);
      await disk.expectVerified();

      disk.makeRoom();
      const { exitCode, stderr } = await pipe('resume', 'exp-1');
      expect(exitCode, stderr).toBe(0);
      if (stage === 'train') expect(stderr).toMatch(/^training goes on after iteration [1-9]\d* of 48$/m);
      expect(outcomeOf(dir)).toEqual(whole);
      expect(temporaryFiles(experiments)).toEqual([]);
      await disk.expectVerified();
    },
  );

  test('before anything began takes no number, and says what to do', async context => {
    const { experiments, makeRoom, pipe } = onFullDisk(100, context);
    const refused = await pipe('run', 'measure.yaml');
    expect(refused.stderr).toBe(
      `error: cannot write ${experiments}: ${FULL}
  → Free some space, or use another place with --experiments <dir>. What was written before is intact.\n`,
    );
    expect(refused.exitCode).toBe(1);
    expect((await pipe('list')).exitCode).toBe(0);
    expect(temporaryFiles(experiments)).toEqual([]);
    makeRoom();
    expect((await pipe('run', 'measure.yaml')).stdout).toBe('exp-1\n');
  });

  test('when a result goes into the cache leaves the experiment whole, and the next run makes it again', async context => {
    const { experiments, dir, makeRoom, pipe, expectVerified } = onFullDisk(850, context);
    const first = await pipe('run', 'measure.yaml');
    expect(first.stderr).toContain(
      `warning: its result is not kept for the next run: cannot write ${join(experiments, '.cache')}: ${FULL}`,
    );
    expect(first.exitCode, first.stderr).toBe(0);
    expect(readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(5000);
    expect(temporaryFiles(experiments)).toEqual([]);
    await expectVerified();

    makeRoom();
    const second = await pipe('run', 'measure.yaml');
    expect(second.stdout).toBe('exp-2\n');
    expect(second.stderr).not.toContain('warning');
    expect((await pipe('run', 'measure.yaml')).stderr).toContain('nothing changed: equals exp-2');
    await expectVerified();
  });
});
