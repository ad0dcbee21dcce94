import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryRegistry } from './rig.ts';

/** exp-1 cgan and exp-2 dcgan finished, exp-3 cgan failed, exp-4 is an empty folder. */
async function registryOfFour() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry);
  await finishedExperiment(registry, { pipelineName: 'dcgan' });
  await (await registry.claim(newExperiment())).finish('failed', null);
  mkdirSync(join(registry.dir, 'exp-4'));
  return registry;
}

describe('finding an experiment', () => {
  it.each([
    ['exp-3', 'exp-3'],
    ['latest', 'exp-2'],
    ['latest:cgan', 'exp-1'],
    ['latest:dcgan', 'exp-2'],
  ])('%s is %s', async (reference, id) => {
    const registry = await registryOfFour();
    expect((await registry.find(reference)).id).toBe(id);
  });

  it('says which are there when there is none of that number', async () => {
    const registry = await registryOfFour();
    await expect(registry.find('exp-12')).rejects.toMatchObject({
      code: 'unknown-experiment',
      exitCode: 2,
      message: `there is no experiment exp-12 in ${registry.dir}`,
      details: ['The newest are exp-4, exp-3, exp-2, exp-1.'],
    });
  });

  it('says that a registry is empty', async () => {
    const registry = temporaryRegistry();
    await expect(registry.find('exp-1')).rejects.toMatchObject({ details: ['It has no experiments.'] });
    await expect(registry.find('latest')).rejects.toMatchObject({ code: 'no-match-yet', details: [] });
  });

  it.each([
    ['3', 'exp-3'],
    ['exp3', 'exp-3'],
    ['Exp-12', 'exp-12'],
    ['experiment 7', 'exp-7'],
    ['exp-007', 'exp-7'],
  ])('asks for %s whether %s was meant', async (text, meant) => {
    await expect(temporaryRegistry().find(text)).rejects.toThrow(
      `"${text}" names no experiment; did you mean "${meant}"?`,
    );
  });

  it.each(['../exp-1', '/etc', 'exp-1/../../x', 'exp-1\0', '', '.', 'exp-99999999999999999999'])(
    'refuses %j',
    async text => {
      const registry = await registryOfFour();
      for (const find of [registry.find(text), registry.read(text)])
        await expect(find).rejects.toMatchObject({ code: 'bad-reference', exitCode: 2 });
    },
  );

  it('speaks of a name of a million letters in a few', async () => {
    const message = (reference: string) =>
      temporaryRegistry()
        .find(reference)
        .then(
          () => '',
          (error: Error) => error.message,
        );
    expect(await message('x'.repeat(1e6))).toBe(`"${'x'.repeat(60)}…" names no experiment`);
    expect(await message(`latest:${'x'.repeat(1e6)}`)).toContain(`matches "latest:${'x'.repeat(53)}…" in`);
  });

  it('shows no control characters of a reference', async () => {
    await expect(temporaryRegistry().find('\u001b[2Jx')).rejects.toThrow('"\\u001b[2Jx" names no experiment');
  });

  it('knows that a pipeline has experiments, but none finished', async () => {
    const registry = temporaryRegistry();
    await (await registry.claim(newExperiment())).finish('failed', null);
    await expect(registry.find('latest:cgan')).rejects.toMatchObject({
      code: 'no-match-yet',
      details: ['exp-1 is failed.'],
    });
  });

  it('knows pipelines of a similar name', async () => {
    const registry = await registryOfFour();
    await expect(registry.find('latest:dcgn')).rejects.toMatchObject({
      details: ['Pipelines there: cgan, dcgan. did you mean "dcgan"?'],
    });
  });

  it('tells what is wrong with one that cannot be read, and what its folder holds', async () => {
    const registry = await registryOfFour();
    const dir = join(registry.dir, 'exp-4');
    await expect(registry.find('exp-4')).rejects.toMatchObject({
      code: 'unreadable-experiment',
      exitCode: 1,
      message: 'exp-4 has no experiment.json',
      details: [`Its folder is ${dir}, with nothing in it.`],
      hint: 'Copy the folder again from where it came from, or remove it: pipe rm --force exp-4',
    });
    writeFileSync(join(dir, 'experiment.json'), '{"schemaVersion": 2}');
    await expect(registry.find('exp-4')).rejects.toMatchObject({
      message: 'exp-4 was written by a newer pipe (schema version 2)',
      details: [`Its folder is ${dir}, with experiment.json.`],
      hint: 'update pipe: git pull && npm ci in its checkout',
    });
  });
});
