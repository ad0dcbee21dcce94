import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, temporaryRegistry } from '../registry/rig.ts';
import { runPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

/** exp-1 cgan, exp-2 dcgan, exp-3 cgan failed. */
async function registryOfThree() {
  const registry = temporaryRegistry();
  await finishedExperiment(registry, { parameters: { 'train.epochs': 3 }, accuracy: 0.5 });
  await finishedExperiment(registry, {
    pipelineName: 'dcgan',
    parameters: { 'train.epochs': 5 },
    accuracy: 0.75,
  });
  await (await registry.claim(newExperiment())).finish('failed', null);
  return { cwd: dirname(registry.dir), registry };
}

describe('pipe compare', () => {
  it('puts the named experiments side by side, and what should be known on stderr', async () => {
    const { cwd } = await registryOfThree();
    const { stdout, stderr, exitCode } = await runMain(['compare', 'latest:cgan', 'exp-2'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +exp-1 +exp-2$/m);
    expect(stdout).toMatch(/^train\.epochs +3 +5$/m);
    expect(stdout).toMatch(/^d_accuracy +0\.5000 +0\.7500 \*$/m);
    expect(stdout).toMatch(/^d_loss +0\.7000 +0\.7000$/m);
    expect(stderr).toBe('They are of different pipelines: cgan, dcgan.\n');
  });

  it('compares failed ones with a word about it', async () => {
    const { cwd } = await registryOfThree();
    const { stderr, exitCode } = await runMain(['compare', 'exp-1', 'exp-3'], cwd);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('exp-3 failed in data: its numbers end where it stopped.\n');
  });

  it('shows one alone, and one that is named twice once', async () => {
    const { cwd } = await registryOfThree();
    const { stdout, stderr, exitCode } = await runMain(['compare', 'exp-2', 'latest'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +exp-2$/m);
    expect(stderr).toBe(
      'exp-2 was named more than once; it is shown once.\n' +
        'There is one experiment only: nothing to compare it with.\n',
    );
  });

  it('has the same as JSON, CSV and Markdown', async () => {
    const { cwd } = await registryOfThree();
    const compare = (format: string) => runMain(['compare', 'exp-1', 'exp-2', format], cwd);
    expect(JSON.parse((await compare('--json')).stdout)).toMatchObject({ experiments: ['exp-1', 'exp-2'] });
    expect((await compare('--csv')).stdout).toContain('Parameters that differ,train.epochs,,3,5\r\n');
    expect((await compare('--md')).stdout).toContain('| train.epochs | 3 | 5 |\n');
  });

  it('takes one format at a time, and wants to know what to compare', async () => {
    const { cwd } = await registryOfThree();
    const two = await runMain(['compare', 'exp-1', 'exp-2', '--json', '--md'], cwd);
    expect([two.exitCode, two.stdout]).toEqual([2, '']);
    expect(two.stderr).toContain("option '--json' cannot be used with option '--md'");
    const none = await runMain(['compare'], cwd);
    expect([none.exitCode, none.stderr]).toEqual([
      2,
      'error: name the experiments to compare\n  → pipe compare --help\n',
    ]);
  });

  it('compares groups of repeats, of all experiments where none is named', async () => {
    const { cwd, registry } = await registryOfThree();
    await finishedExperiment(registry, { parameters: { 'train.epochs': 3 }, accuracy: 0.52, seed: 1 });
    await finishedExperiment(registry, {
      ...{ pipelineName: 'dcgan', parameters: { 'train.epochs': 5 } },
      ...{ accuracy: 0.76, seed: 1 },
    });
    const { stdout, stderr, exitCode } = await runMain(['compare', '--group-by', 'pipeline'], cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\nexperiments   exp-1, exp-4         exp-2, exp-5\n');
    expect(stdout).toContain(
      '\nAgainst cgan\nd_accuracy\n  dcgan  better by 48%, 95% interval 36–60%, 2 seeds each\n',
    );
    expect(stderr).toBe('1 experiment has not finished and is left out: exp-3 (failed).\n');
    const named = ['compare', 'exp-1', 'exp-2', 'exp-4', 'exp-5', '--group-by', 'train.epochs,pipeline'];
    const json = await runMain([...named, '--json', '--baseline', 'epochs 5, dcgan'], cwd);
    expect(JSON.parse(json.stdout)).toMatchObject({ baseline: 'epochs 5, dcgan', notes: [] });
    expect((await runMain([...named, '--csv'], cwd)).stdout).toContain('\r\nMetrics,d_accuracy n,,2,2\r\n');
    expect((await runMain([...named, '--md'], cwd)).stdout).toContain('## Against epochs 3, cgan\n');
  });

  it('compares those for which a condition holds', async () => {
    const { cwd } = await registryOfThree();
    const compare = async (...options: readonly string[]) => {
      const { stdout, stderr } = await runMain(['compare', ...options, '--json'], cwd);
      return { ...(JSON.parse(stdout) as { experiments?: string[]; groups?: object[] }), stderr };
    };
    expect((await compare('--where', 'd_accuracy>0.1')).experiments).toEqual(['exp-1', 'exp-2']);
    const named = await compare('exp-2', 'exp-3', '--where', 'pipeline=dcgan');
    expect(named.experiments).toEqual(['exp-2']);
    const grouped = await compare('--where', 'train.epochs<5 or status=failed', '--group-by', 'pipeline');
    expect(grouped.groups).toMatchObject([{ label: 'cgan', experiments: ['exp-1'] }]);
    expect(grouped.stderr).toContain('1 experiment has not finished and is left out: exp-3 (failed).\n');
    const none = await runMain(['compare', '--where', 'seed=9'], cwd);
    expect([none.exitCode, none.stderr]).toEqual([2, 'error: none of 3 experiments is like that\n']);
    const wrong = await runMain(['compare', 'exp-2', '--where', 'train.epoch=3'], cwd);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('did you mean "train.epochs"?\n');
  });

  it.each([
    [
      ['--group-by', 'train.epoch'],
      '--group-by train.epoch: no finished one of these experiments has a parameter of that name; did you mean "train.epochs"?\n' +
        '  They can be grouped by pipeline, sweep, point (of a sweep), or a parameter such as train.learningRate.\n',
    ],
    [
      ['--group-by', 'pipeline', '--baseline', 'dcgn'],
      '--baseline dcgn: there is no such group; did you mean "dcgan"?\n  The groups are "cgan", "dcgan".\n',
    ],
    [
      ['exp-1', 'exp-2', '--baseline', 'cgan'],
      '--baseline is for --group-by alone\n  → pipe compare --help\n',
    ],
    [
      ['exp-3', '--group-by', 'pipeline'],
      'none of these experiments has finished: there is nothing to compare\n  → pipe list --status finished shows those that have\n',
    ],
    [
      ['--group-by', 'pipeline', '--experiments', '/nowhere'],
      'there are no experiments in /nowhere to compare\n',
    ],
  ])('refuses %j', async (options, message) => {
    const { cwd } = await registryOfThree();
    const { stdout, stderr, exitCode } = await runMain(['compare', ...options], cwd);
    expect([exitCode, stdout, stderr]).toEqual([2, '', `error: ${message}`]);
  });

  it('tells of every experiment that is not there at once', async () => {
    const { cwd, registry } = await registryOfThree();
    const { stderr, exitCode, stdout } = await runMain(['compare', 'exp-1', 'exp-12', 'latest:gan'], cwd);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: 2 of the 3 experiments cannot be compared\n' +
        `  there is no experiment exp-12 in ${registry.dir}\n` +
        '    The newest are exp-3, exp-2, exp-1.\n' +
        `  no finished experiment matches "latest:gan" in ${registry.dir}\n` +
        '    Pipelines there: cgan, dcgan. did you mean "cgan"?\n' +
        '  → pipe list shows what there is\n',
    );
  });

  it('works as a command, in an empty registry too', async () => {
    const { cwd } = await registryOfThree();
    const { stdout, exitCode } = await runPipe(['compare', 'exp-1', 'exp-2'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('* best of its row');
    const empty = await runPipe(['compare', 'exp-1', '--experiments', 'none'], { cwd });
    expect(empty.exitCode).toBe(2);
    expect(empty.stderr).toContain('It has no experiments.');
  });
});
