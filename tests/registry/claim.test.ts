import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { startWriter, temporaryFolder, temporaryRegistry } from './rig.ts';

describe('claiming an experiment', () => {
  it('makes exp-1 in a folder that was not there, whole from the start', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    expect(writer.id).toBe('exp-1');
    expect(readdirSync(writer.dir).sort()).toEqual([
      '.resumes',
      'artifacts',
      'experiment.json',
      'metrics.jsonl',
      'pipeline.yaml',
      'resolved.yaml',
      'stages',
    ]);
    expect(readFileSync(join(writer.dir, 'pipeline.yaml'), 'utf8')).toBe('name: cgan\n');
    const { record, status } = await registry.read('exp-1');
    expect(status).toBe('running');
    expect(record.stages.map(stage => stage.status)).toEqual(['pending', 'pending']);
    expect(record.pipeline.sha256).toBe('192f9ba187aaa68da26edc26f88804bdb686fce32170a893f3330ed50d6398ec');
  });

  it('leaves git out of the registry from the first experiment on, and the rest of its folder alone', async () => {
    const registry = openRegistry(temporaryFolder());
    const { dir } = registry;
    const git = (...args: readonly string[]) => execa('git', args, { cwd: dir });
    await git('init', '-q');
    writeFileSync(join(dir, 'README.md'), 'by hand');
    const writer = await registry.claim(newExperiment());
    await writer.finish('finished', null);
    registry.tags.set('best', 'exp-1', { force: false });
    const untracked = async () => (await git('status', '--porcelain', '-uall')).stdout.split('\n');
    expect(await untracked()).toEqual(['?? .gitignore', '?? README.md']);
    const ignore = readFileSync(join(dir, '.gitignore'), 'utf8');
    const offered = [...ignore.matchAll(/^# {3}(.*)$/gm)].map(([, line = '']) => line);
    writeFileSync(join(dir, '.gitignore'), `${ignore}${offered.join('\n')}\n`);
    expect(await untracked()).toEqual([
      '?? .gitignore',
      '?? README.md',
      ...['experiment.json', 'metrics.jsonl', 'pipeline.yaml', 'resolved.yaml'].map(n => `?? exp-1/${n}`),
    ]);
  });

  it('makes no .gitignore again that someone removed', async () => {
    const registry = temporaryRegistry();
    await registry.claim(newExperiment());
    rmSync(join(registry.dir, '.gitignore'));
    await registry.claim(newExperiment());
    expect(readdirSync(registry.dir)).not.toContain('.gitignore');
  });

  it('goes on after the highest number, whatever bears it', async () => {
    const registry = temporaryRegistry();
    mkdirSync(join(registry.dir, 'exp-7'), { recursive: true });
    writeFileSync(join(registry.dir, 'exp-9'), 'a file of someone');
    mkdirSync(join(registry.dir, 'exp-010'));
    mkdirSync(join(registry.dir, 'exp-99999999999999999999'));
    symlinkSync('nowhere', join(registry.dir, 'exp-11'));
    expect((await registry.claim(newExperiment())).id).toBe('exp-12');
    expect(readFileSync(join(registry.dir, 'exp-9'), 'utf8')).toBe('a file of someone');
  });

  it('gives fifty processes that start at once fifty numbers', async () => {
    const registry = temporaryRegistry();
    const writers = await Promise.all(Array.from({ length: 50 }, () => startWriter('claim', registry.dir)));
    const results = await Promise.all(writers.map(({ subprocess }) => subprocess));
    const claimed = results.map(({ stdout }) => stdout.trim());
    expect(new Set(claimed)).toEqual(
      new Set(Array.from({ length: 50 }, (_, index) => `claimed exp-${index + 1}`)),
    );
    const { experiments, unreadable } = await registry.list();
    expect(unreadable).toEqual([]);
    expect(experiments.map(({ record, status }) => `${record.id} ${status}`)).toEqual(
      Array.from({ length: 50 }, (_, index) => `exp-${index + 1} finished`),
    );
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });

  it('removes what a killed process left behind, and nothing of one that lives', async () => {
    const registry = temporaryRegistry();
    const killed = await startWriter('hang', registry.dir);
    await killed.printed(/began/);
    const alive = await startWriter('hang', registry.dir);
    await alive.printed(/began/);
    killed.subprocess.kill('SIGKILL');
    await killed.subprocess;
    const staging = () => readdirSync(join(registry.dir, '.staging'));
    expect(staging()).toHaveLength(2);
    const writer = await registry.claim(newExperiment());
    const owners = staging().map(name => Number(name.split(',')[0]));
    expect(owners.sort()).toEqual([alive.subprocess.pid, process.pid].sort());
    await writer.finish('interrupted', null);
    alive.subprocess.kill('SIGKILL');
    await alive.subprocess;
  });
});
