import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, startWriter, temporaryRegistry } from '../registry/rig.ts';
import { startPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const stripTimes = (text: string) => text.replace(/[\d.]+ m?s\b/g, '<time>');

describe('pipe show --follow', () => {
  it('prints stages, the newest points and log lines, and ends with the experiment', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    await writer.beginStage('train');
    for (const step of [1, 2, 3])
      writer.metric('train', { type: 'metric', step, values: { d_loss: 1 / step, g_loss: NaN } }, {});
    writer.log('train', 'first\n\u001b[2Jsecond\nwithout an end');
    await writer.endStage('train', { status: 'ran', report: 'three steps', reason: null }, {});
    await writer.finish('finished', null);
    const { stdout, stderr, exitCode } = await runMain(['show', '-f', 'latest'], dirname(registry.dir));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stripTimes(stdout)).toBe(`\
train  ran, <time>, three steps
exp-1  cgan  finished after <time>
train  step 3  d_loss 0.3333  g_loss NaN  (3 points)
train | first
train | \\u001b[2Jsecond
train | without an end
`);
  });

  it('prints scores with their intervals and how they were measured', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const values = { kid: 0.0405, constructor: 1 };
    const intervals = { kid: [0.0399, 0.0411] } as const;
    writer.metric('train', { type: 'metric', step: 1, values, intervals, protocol: 'cifar@1/10000' }, {});
    await writer.finish('failed', null);
    const { stdout } = await runMain(['show', '-f', 'exp-1'], dirname(registry.dir));
    expect(stdout).toContain(
      'train  step 1  kid 0.0405 ± 0.0006  constructor 1  measured as cifar@1/10000\n',
    );
  });

  it('of a run at work goes on until that has ended', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('whole', registry.dir);
    await writer.printed(/claimed/);
    const { stdout, exitCode } = await runMain(['show', '--follow', 'exp-1'], dirname(registry.dir));
    expect(exitCode).toBe(0);
    const lines = stripTimes(stdout).trimEnd().split('\n');
    expect(lines.filter(line => line.startsWith('data |'))).toEqual(
      [1, 2, 3].map(step => `data | step ${step}`),
    );
    expect(lines.at(-1)).toMatch(/^exp-1 {2}cgan {2}finished after <time>$|^data \|/);
  });

  it('ends with exit code 1 when the process is killed', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('hang', registry.dir);
    await writer.printed(/began/);
    const following = runMain(['show', '-f', 'exp-1'], dirname(registry.dir));
    writer.subprocess.kill('SIGKILL');
    const { stdout, exitCode } = await following;
    expect(exitCode).toBe(1);
    expect(stdout).toContain('exp-1  cgan  crashed\n  → pipe show exp-1\n');
  });

  it('prints a line of JSON for each change', async () => {
    const registry = temporaryRegistry();
    await finishedExperiment(registry);
    const { stdout, exitCode } = await runMain(['show', '-f', 'exp-1', '--json'], dirname(registry.dir));
    expect(exitCode).toBe(0);
    const news = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);
    expect(news).toMatchObject([
      { kind: 'record', id: 'exp-1', status: 'finished', dir: `${registry.dir}/exp-1` },
      { kind: 'points', isRewritten: false, points: [{ stage: 'train', step: 1, values: { d_loss: 0.7 } }] },
    ]);
  });

  it('is left at once by Ctrl-C', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('hang', registry.dir);
    await writer.printed(/began/);
    const following = startPipe(['show', '-f', 'exp-1'], { cwd: dirname(registry.dir) });
    await following.stdoutUntil(/running/);
    following.kill('SIGINT');
    expect(await following.finished).toMatchObject({ signal: 'SIGINT' });
    writer.subprocess.kill('SIGKILL');
  });
});
