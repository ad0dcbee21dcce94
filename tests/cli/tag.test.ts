import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, temporaryRegistry } from '../registry/rig.ts';
import { runPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

/** exp-1 cgan finished, exp-2 dcgan failed. */
async function twoExperiments() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry);
  await (await registry.claim(newExperiment({ pipelineName: 'dcgan' }))).finish('failed', null);
  const cwd = dirname(registry.dir);
  return { registry, cwd, pipe: (...argv: string[]) => runMain(argv, cwd) };
}

describe('pipe tag', () => {
  it('names an experiment, which then goes by that name everywhere', async () => {
    const { pipe } = await twoExperiments();
    const { stdout, stderr, exitCode } = await pipe('tag', 'latest', 'best');
    expect([stdout, stderr, exitCode]).toEqual(['best → exp-1\n', '', 0]);
    await pipe('tag', 'best', 'for_the-paper.v2');
    expect((await pipe('show', 'best')).stdout).toMatch(
      /^exp-1 {2}cgan {2}finished {2}tagged best, for_the-paper\.v2\n/,
    );
    expect((await pipe('compare', 'best', 'exp-2')).stdout).toContain('cgan');
    expect((await pipe('resume', 'best')).stderr).toContain('exp-1 is finished');
    expect(JSON.parse((await pipe('show', 'exp-1', '--json')).stdout)).toMatchObject({
      tags: ['best', 'for_the-paper.v2'],
    });
  });

  it('shows in the list, where there are any', async () => {
    const { pipe } = await twoExperiments();
    expect((await pipe('list')).stdout).not.toContain('tags');
    await pipe('tag', 'exp-1', 'best');
    await pipe('tag', 'exp-1', 'the-one-with-a-name-of-many-letters');
    const { stdout } = await pipe('list');
    expect(stdout).toMatch(/^id .* {2}time {2}tags {28}outcome$/m);
    expect(stdout).toContain(' s  best, the-one-with-a-name-of-…  d_loss');
    expect(JSON.parse((await pipe('list', '--json')).stdout)).toMatchObject([
      { id: 'exp-2', tags: [] },
      { id: 'exp-1', tags: ['best', 'the-one-with-a-name-of-many-letters'] },
    ]);
  });

  it('is moved with --force alone', async () => {
    const { pipe } = await twoExperiments();
    await pipe('tag', 'exp-1', 'best');
    const refused = await pipe('tag', 'exp-2', 'best');
    expect([refused.exitCode, refused.stdout, refused.stderr]).toEqual([
      2,
      '',
      'error: tag best points to exp-1, not to exp-2\n  → to move it: pipe tag --force exp-2 best\n',
    ]);
    expect((await pipe('tag', 'exp-1', 'best')).stdout).toBe('best → exp-1, as before\n');
    expect((await pipe('tag', '--force', 'exp-2', 'best')).stdout).toBe('best → exp-2, moved from exp-1\n');
    expect((await pipe('tag', '--delete', 'best')).stdout).toBe('best removed, it pointed to exp-2\n');
    expect((await pipe('show', 'exp-2')).exitCode).toBe(0);
    expect((await pipe('tag', '--delete', 'best')).stderr).toContain('there is no tag best in');
  });

  it('lists what there is, and what is wrong with it', async () => {
    const { pipe, registry } = await twoExperiments();
    expect((await pipe('tag')).stderr).toBe('There are no tags yet.\n  → pipe tag exp-1 best makes one.\n');
    expect((await pipe('tag', '--json')).stdout).toBe('[]\n');
    for (const [id, name] of [
      ['exp-1', 'best'],
      ['exp-2', 'lost'],
    ])
      await pipe('tag', id as string, name as string);
    writeFileSync(join(registry.dir, '.tags', 'half'), 'exp');
    writeFileSync(join(registry.dir, '.tags', 'blank'), 'exp-3\n');
    mkdirSync(join(registry.dir, 'exp-3'));
    rmSync(join(registry.dir, 'exp-2'), { recursive: true });
    expect((await pipe('tag')).stdout).toBe(
      'tag    experiment  pipeline  status\n' +
        'best   exp-1       cgan      finished\n' +
        'blank  exp-3       –         unreadable\n' +
        'half   –           –         damaged\n' +
        'lost   exp-2       –         gone\n',
    );
    expect(JSON.parse((await pipe('tag', '--json')).stdout)).toContainEqual({
      tag: 'lost',
      experiment: 'exp-2',
      pipeline: null,
      status: 'gone',
    });
    const gone = await pipe('show', 'lost');
    expect([gone.exitCode, gone.stderr]).toEqual([
      2,
      `error: tag lost points to exp-2, which is gone from ${registry.dir}\n` +
        '  → pipe tag --force <experiment> lost moves it, pipe tag --delete lost removes it\n',
    ]);
    expect((await pipe('show', 'half')).stderr).toContain(
      'tag half is damaged: its file names no experiment',
    );
    const unknown = await pipe('show', 'bets');
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      2,
      'error: "bets" names no experiment\n' +
        '  An experiment is named as exp-3, latest, latest:<pipeline>, or by a tag.\n' +
        '  Tags: best, blank, lost. did you mean "best"?\n' +
        `  → pipe list shows what there is (${registry.dir})\n`,
    ]);
  });

  it.each([
    [['exp-1'], 'a tag needs a name'],
    [['exp-1', 'exp-2'], '"exp-2" cannot be a tag: it looks like the number of an experiment'],
    [['exp-1', '../x'], '"../x" cannot be a tag: it has other characters than'],
    [['exp-9', 'best'], 'there is no experiment exp-9'],
    [['--delete', '../exp-1'], '"../exp-1" cannot be a tag'],
    [['--delete', 'best', 'exp-1'], '--delete takes the name of a tag and nothing else'],
    [['--force'], '--force moves a tag to an experiment, and needs both'],
    [['--json', 'exp-1', 'best'], '--json is for the list of tags'],
  ])('refuses %j', async (argv, message) => {
    const { pipe, registry } = await twoExperiments();
    const { exitCode, stderr } = await pipe('tag', ...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(readdirSync(registry.dir)).not.toContain('.tags');
  });

  it('is given to one experiment when several processes want it at once', async () => {
    const registry = temporaryRegistry();
    const ids = [];
    for (let count = 0; count < 4; count++) ids.push((await finishedExperiment(registry)).id);
    const cwd = dirname(registry.dir);
    const results = await Promise.all(ids.map(id => runPipe(['tag', id, 'best'], { cwd })));
    const winner = readFileSync(join(registry.dir, '.tags', 'best'), 'utf8');
    for (const [index, { exitCode, stdout, stderr }] of results.entries()) {
      const id = ids[index] as string;
      if (`${id}\n` === winner) expect([stdout, exitCode]).toEqual([`best → ${id}\n`, 0]);
      else
        expect([stderr, exitCode]).toEqual([
          expect.stringContaining(`points to ${winner.trim()}, not to ${id}`),
          2,
        ]);
    }
    expect(readdirSync(join(registry.dir, '.tags'))).toEqual(['best']);
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });
});
