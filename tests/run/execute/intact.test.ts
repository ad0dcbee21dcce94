import { appendFileSync, renameSync, rmSync, utimesSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FilesArtifact } from '../../../src/core/artifacts.ts';
import type { StageContext } from '../../../src/core/stage.ts';
import { filesIn, planOf, run, temporaryFolder } from '../rig.ts';

type Context = StageContext<unknown, Record<string, FilesArtifact>>;

const makes = ({ outputDir }: Context) => {
  writeFileSync(join(outputDir, 'made.txt'), 'made');
  return { files: filesIn(outputDir, 'made.txt') };
};

/** A stage that makes a file, and one that gets it and does this. */
const after = (act: (dir: string, context: Context) => unknown) =>
  planOf([
    { id: 'makes', run: makes },
    {
      id: 'takes',
      inputs: { files: 'makes' },
      run: async context => {
        await act(context.inputs['files']?.dir ?? '', context);
        return makes(context);
      },
    },
    { id: 'last', run: makes },
  ]);

const file = (dir: string) => join(dir, 'made.txt');

describe('a stage that changes its input fails, and the file is named', () => {
  test.each<[string, (dir: string) => void]>([
    ['made.txt was changed', dir => writeFileSync(file(dir), 'MADE')],
    ['made.txt was changed', dir => appendFileSync(file(dir), '!')],
    ['made.txt was removed', dir => rmSync(file(dir))],
    ['new.txt was added', dir => writeFileSync(join(dir, 'new.txt'), '')],
    ['other.txt was added', dir => renameSync(file(dir), join(dir, 'other.txt'))],
    [
      'made.txt was changed',
      dir => {
        const { atime, mtime } = statSync(file(dir));
        utimesSync(file(dir), atime, new Date(Math.floor(mtime.getTime() / 1000) * 1000));
      },
    ],
  ])('%s (%#)', async (what, act) => {
    const { outcome, record } = await run(after(act));
    expect(outcome.failure).toMatchObject({
      code: 'changed-inputs',
      message: 'stage "takes" changed its inputs, which are the results of other stages',
      hint: 'a stage writes to context.outputDir alone; what it wants to change it copies there first',
    });
    expect(outcome.failure?.details.join('\n')).toContain(`exp-1/stages/makes/output/${what}`);
    expect(record.stages.map(({ status }) => status)).toEqual(['ran', 'failed', 'skipped']);
  });

  test('though it throws as well', async () => {
    const { outcome, read } = await run(
      after(dir => {
        writeFileSync(file(dir), 'MADE');
        throw new Error('and more');
      }),
    );
    expect(outcome.failure?.code).toBe('changed-inputs');
    expect(await read('stages/takes/log.txt')).toContain('Error: and more\n    at ');
  });
});

test('a stage may read its input, and what it does to the object is nobody else’s', async () => {
  const { outcome } = await run(
    after((dir, { inputs }) => {
      statSync(file(dir));
      (inputs['files']?.files as string[]).push('no-such-file');
    }),
  );
  expect(outcome.status).toBe('finished');
});

test('the working folder and the environment are what they were after a stage that changed them, which is told', async () => {
  const here = process.cwd();
  const elsewhere = await temporaryFolder();
  const seen: unknown[] = [];
  const look = ({ cwd }: Context) => void seen.push([process.cwd(), process.env['OF_A_STAGE'], cwd]);
  const plan = planOf([
    {
      id: 'moves',
      run: context => {
        process.chdir(elsewhere);
        process.env['OF_A_STAGE'] = '1';
        // As sharp does where it is loaded.
        process.env['VIPSHOME'] = '/nowhere';
        return makes(context);
      },
    },
    {
      id: 'looks',
      run: context => {
        look(context);
        return makes(context);
      },
    },
  ]);
  const { outcome, display } = await run(plan, { cwd: here });
  expect(outcome.status).toBe('finished');
  expect(seen).toEqual([[here, undefined, here]]);
  expect(display.warnings).toEqual([
    `moves: it changed the working folder to ${elsewhere}, and later stages would run there; context.cwd and absolute paths need no change`,
    'moves: it changed OF_A_STAGE in process.env, which later stages would see: a stage gives them to the processes that it starts',
  ]);
});
