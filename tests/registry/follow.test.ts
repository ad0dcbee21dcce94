import { describe, expect, it } from 'vitest';
import type { Followed, Registry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, startWriter, temporaryRegistry } from './rig.ts';

/** Everything that is followed of an experiment until it ends; `onEach` sees each thing as it comes. */
async function followed(
  registry: Registry,
  onEach: (each: Followed, all: readonly Followed[]) => void = () => {},
): Promise<readonly Followed[]> {
  const all: Followed[] = [];
  for await (const each of registry.follow('exp-1')) {
    all.push(each);
    onEach(each, all);
  }
  return all;
}

const stepsOf = (all: readonly Followed[], stage: string): number[] =>
  all.flatMap(each =>
    each.kind === 'points' ? each.points.filter(point => point.stage === stage).map(({ step }) => step) : [],
  );

const logOf = (all: readonly Followed[], stage: string): string =>
  all.map(each => (each.kind === 'log' && each.stage === stage ? each.text : '')).join('');

const lastStatus = (all: readonly Followed[]): string | undefined =>
  all.flatMap(each => (each.kind === 'record' ? [each.experiment.status] : [])).at(-1);

describe('following an experiment', () => {
  it('tells everything that another process writes, in order, until the run has finished', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('whole', registry.dir);
    await writer.printed(/claimed/);
    const all = await followed(registry);
    await writer.subprocess;
    for (const stage of ['train', 'data']) {
      expect(stepsOf(all, stage)).toEqual([1, 2, 3]);
      expect(logOf(all, stage)).toBe('step 1\nstep 2\nstep 3\n');
    }
    expect(all[0]?.kind).toBe('record');
    expect(lastStatus(all)).toBe('finished');
  });

  it('ends when the process is killed, with what it had written', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('write', registry.dir);
    await writer.printed(/began/);
    const all = await followed(registry, each => {
      if (each.kind === 'log') writer.subprocess.kill('SIGKILL');
    });
    expect(lastStatus(all)).toBe('crashed');
    expect(logOf(all, 'train')).toMatch(/^step 1\n/);
  });

  it('ends when its reader stops reading', async () => {
    const registry = temporaryRegistry();
    await registry.claim(newExperiment());
    const kinds: string[] = [];
    for await (const { kind } of registry.follow('exp-1')) {
      kinds.push(kind);
      break;
    }
    expect(kinds).toEqual(['record']);
  });

  it('tells of one that has ended, and ends', async () => {
    const registry = temporaryRegistry();
    await finishedExperiment(registry);
    const all = await followed(registry);
    expect(all.map(({ kind }) => kind)).toEqual(['record', 'points']);
    expect(stepsOf(all, 'train')).toEqual([1]);
  });

  it('says that points are told anew where a resume has rewritten them', async () => {
    const registry = temporaryRegistry();
    const first = await registry.claim(newExperiment());
    await first.beginStage('train');
    const measure = (writer: typeof first, step: number) => {
      writer.metric('train', { type: 'metric', step, values: { loss: 1 } }, {});
      writer.flushMetrics();
    };
    for (const step of [1, 2, 3]) measure(first, step);
    let isResumed = false;
    const all = await followed(registry, each => {
      if (each.kind !== 'points' || isResumed) return;
      isResumed = true;
      first.keepMetrics('train', step => step < 3, {});
      measure(first, 4);
      void first.finish('failed', null);
    });
    const points = all.filter(each => each.kind === 'points');
    expect(points.map(({ isRewritten }) => isRewritten)).toEqual([false, true]);
    expect(stepsOf(points.slice(1), 'train')).toEqual([1, 2, 4]);
    expect(lastStatus(all)).toBe('failed');
  });

  it('fails for one that does not exist, and for one that is removed meanwhile', async () => {
    const registry = temporaryRegistry();
    await expect(followed(registry)).rejects.toMatchObject({ code: 'unknown-experiment' });
    await registry.claim(newExperiment());
    const removed = followed(registry, () => {
      registry.trash.move({ kind: 'experiment', name: 'exp-1' }, 'removed');
    });
    await expect(removed).rejects.toMatchObject({ code: 'removed-experiment' });
  });
});
