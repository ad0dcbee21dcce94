import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, temporaryRegistry } from '../registry/rig.ts';
import { runMain } from './run-main.ts';

/** exp-1 and exp-2 have metrics, exp-3 failed before it had any. */
async function registryOfThree() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry, { accuracy: 0.5 });
  await finishedExperiment(registry, { accuracy: 0.75, pipelineName: 'dcgan' });
  await (await registry.claim(newExperiment())).finish('failed', null);
  const cwd = dirname(registry.dir);
  const compare = (...args: readonly string[]) => runMain(['compare', ...args], cwd);
  const read = (path: string) => readFileSync(join(cwd, path), 'utf8');
  return { cwd, compare, read };
}

describe('pipe compare --plot', () => {
  test('draws experiments over each other, and says where', async () => {
    const { compare, read } = await registryOfThree();
    expect(await compare('exp-1', 'latest', '--plot')).toMatchObject({
      exitCode: 0,
      stdout: 'compare-exp-1-exp-2.svg\n',
      stderr: '',
    });
    expect(read('compare-exp-1-exp-2.svg')).toMatch(/>Metrics of exp-1, exp-2<.*>dcgan</s);
  });

  test('draws one alone', async () => {
    const { compare, read } = await registryOfThree();
    expect(await compare('exp-2', 'exp-2', '--plot')).toMatchObject({
      exitCode: 0,
      stdout: 'exp-2-metrics.svg\n',
    });
    expect(read('exp-2-metrics.svg')).toContain('>Metrics of exp-2<');
  });

  test('writes into the file that is named, and has JSON for scripts', async () => {
    const { cwd, compare, read } = await registryOfThree();
    mkdirSync(join(cwd, 'pictures'));
    const { stdout } = await compare('exp-1', 'exp-3', '--plot', 'pictures/a.svg', '--json');
    const path = join(cwd, 'pictures', 'a.svg');
    expect(JSON.parse(stdout)).toEqual({ path, experiments: ['exp-1', 'exp-3'] });
    expect(read('pictures/a.svg')).toContain('>Metrics of exp-1, exp-3<');
  });

  test('replaces a previous picture with a word about it', async () => {
    const { compare } = await registryOfThree();
    await compare('exp-1', '--plot', 'a.svg');
    expect(await compare('exp-2', 'exp-3', '--plot', 'a.svg')).toMatchObject({
      exitCode: 0,
      stderr: 'a.svg replaces the picture that was there\nexp-3 has no metrics.\n',
    });
  });

  test('replaces no other file', async () => {
    const { cwd, compare, read } = await registryOfThree();
    writeFileSync(join(cwd, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    symlinkSync('logo.svg', join(cwd, 'link.svg'));
    mkdirSync(join(cwd, 'folder.svg'));
    writeFileSync(join(cwd, 'empty.svg'), '');
    for (const name of ['logo.svg', 'link.svg', 'folder.svg', 'empty.svg']) {
      const { exitCode, stderr } = await compare('exp-1', 'exp-2', '--plot', name);
      expect([exitCode, stderr]).toEqual([
        2,
        `error: ${join(cwd, name)} is there already, and is no picture that pipe has drawn\n` +
          '  → Name another file: --plot curves.svg\n',
      ]);
    }
    expect(read('logo.svg')).toBe('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });

  test.each([
    [
      ['exp-1', '--plot', 'exp-2'],
      'error: --plot exp-2: the name of the picture ends in .svg\n' +
        '  → To draw that experiment as well, name it first: pipe compare exp-1 exp-2 --plot\n',
    ],
    [
      ['exp-1', '--plot', 'no/a.svg'],
      /^error: there is no folder .*no for the picture\n {2}→ mkdir -p .*no makes it\n$/,
    ],
    [['exp-3', '--plot'], 'error: exp-3 has no metrics to draw\n  → pipe show exp-3 shows what there is\n'],
    [['exp-1', '--plot', '--csv'], /cannot be used with option/],
  ])('says what is wrong with %s', async (args, words) => {
    const { compare } = await registryOfThree();
    const { exitCode, stderr } = await compare(...args);
    expect(exitCode).toBe(2);
    if (typeof words === 'string') expect(stderr).toBe(words);
    else expect(stderr).toMatch(words);
  });

  test('draws no more experiments than lines are told apart', async () => {
    const registry = temporaryRegistry();
    for (let count = 0; count < 17; count++) await finishedExperiment(registry, { accuracy: 1 });
    const ids = registry.ids();
    const { exitCode, stderr } = await runMain(['compare', ...ids, '--plot'], dirname(registry.dir));
    expect([exitCode, stderr]).toEqual([
      2,
      'error: 17 experiments are too many for one picture: lines of at most 16 are told apart\n' +
        '  → Compare fewer of them; without --plot any number goes into one table.\n',
    ]);
  });
});
