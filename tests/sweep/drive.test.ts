import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { rank } from '../../src/sweep/rank.ts';
import { verifySuggestions } from '../../src/sweep/verify.ts';
import { definition, SweepWorld, type Attempt } from './driver-rig.ts';

const quadratic: Attempt = ({ values }) => ({ value: (Number(values['a.x']) - 2) ** 2 });

const ranking = (world: SweepWorld) =>
  rank(world.sweep().state).map(({ point, status, value, n }) => [point.values['a.x'], status, value, n]);

describe('a sweep', () => {
  it('runs every point with every seed, and ranks the points', async () => {
    const world = new SweepWorld();
    await world.drive(definition({ seeds: [1, 2] }), ({ values, start }) => ({
      value: (Number(values['a.x']) - 2) ** 2 + start.repeat,
    }));
    expect(ranking(world)).toEqual([
      [2, 'done', 1.5, 2],
      [1, 'done', 2.5, 2],
      [3, 'done', 2.5, 2],
    ]);
    expect(world.sweep().state.completed).toBe('every point was tried');
    expect(world.sweep().stored.driver).toBeUndefined();
  });

  it('goes on after a failed trial, and resumes one whose process died, as often as it may', async () => {
    const world = new SweepWorld();
    const run: Attempt = ({ values, attempt, start }) => {
      if (values['a.x'] === 1)
        return { end: 'failed', failure: { code: 'x', message: 'no\nmore', hint: null } };
      if (values['a.x'] === 3) return { end: 'crashed' };
      return attempt === 1 ? { end: 'crashed' } : { value: start.experiment === undefined ? -1 : 5 };
    };
    await world.drive(definition({ retries: 2 }), run);
    const { state } = world.sweep();
    expect(state.trials.map(({ status, crashes, failure }) => [status, crashes, failure])).toEqual([
      ['failed', 0, 'no'],
      ['finished', 1, undefined],
      ['crashed', 3, undefined],
    ]);
    expect(ranking(world)[0]).toEqual([2, 'done', 5, 1]);
  });

  it('stops when nothing can be written any more, and goes on later', async () => {
    const world = new SweepWorld();
    const full = { code: 'storage', message: 'the disk is full', hint: 'free some space' };
    const failing = world.drive(definition(), ({ values, attempt }) =>
      values['a.x'] === 2 && attempt === 1 ? { end: 'failed', failure: full } : { value: 1 },
    );
    await expect(failing).rejects.toThrow(Failure);
    expect(world.sweep().state.trials.map(({ status }) => status)).toEqual(['finished', 'stopped']);
    await world.drive(definition(), () => ({ value: 1 }));
    expect(world.sweep().state.trials.map(({ status }) => status)).toEqual([
      'finished',
      'finished',
      'finished',
    ]);
  });

  it('ends with its budget, and begins again with a larger one', async () => {
    const world = new SweepWorld();
    await world.drive(definition({ budget: { runs: 2 } }), quadratic);
    expect(world.sweep().state.completed).toBe('2 runs were the budget');
    await world.drive(definition({ budget: { runs: 3 } }), quadratic);
    expect(ranking(world)).toHaveLength(3);
  });

  it('leaves out points that a condition refuses', async () => {
    const world = new SweepWorld();
    await world.drive(definition({ where: ['a.x != 2'] }), quadratic);
    expect(ranking(world).map(([x]) => x)).toEqual([1, 3]);
  });

  it('has a grid go on behind any number of refused points', async () => {
    const world = new SweepWorld();
    const space = [{ name: 'a.x', kind: 'range', low: 1, high: 1200, log: false, integer: true }] as const;
    await world.drive(definition({ where: ['a.x > 1199'], space }), quadratic);
    expect(ranking(world).map(([x]) => x)).toEqual([1200]);
  });

  it('gives up a search whose points are all refused, and hears a stop meanwhile', async () => {
    const endless = definition({
      method: 'random',
      where: ['a.x > 9'],
      space: [{ name: 'a.x', kind: 'range', low: 0, high: 4, log: false, integer: false }],
    });
    const world = new SweepWorld();
    await world.drive(endless, quadratic);
    expect(world.sweep().state.completed).toBe('1,000 points in a row did not fulfil "where"');
    const stopped = new SweepWorld();
    await stopped.drive(endless, quadratic, { stopAt: 20 });
    expect(stopped.sweep().state.completed).toBeUndefined();
  });

  it('begins a stopped trial again whose experiment was removed', async () => {
    const world = new SweepWorld();
    await world.drive(definition(), quadratic, { workers: 2, stopAfter: 1 });
    const stopped = world.sweep().state.trials.find(({ status }) => status === 'stopped')?.experiment;
    expect(stopped).toBe('exp-2');
    world.experiments.delete('exp-2');
    await world.drive(definition(), quadratic);
    const { state, journal } = world.sweep();
    expect(state.trials.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    expect(world.starts.flatMap(({ experiment }) => experiment ?? [])).toEqual([]);
    expect(verifySuggestions(definition(), journal).faults).toEqual([]);
  });

  it('ranks by trials that came to an end alone', async () => {
    const world = new SweepWorld();
    await world.drive(definition({ seeds: [1, 2] }), ({ values, start }) =>
      values['a.x'] === 1 && start.repeat === 2
        ? { end: 'failed', value: 100, failure: { code: 'x', message: 'no', hint: null } }
        : { value: Number(values['a.x']) },
    );
    expect(ranking(world)).toEqual([
      [1, 'done', 1, 1],
      [2, 'done', 2, 2],
      [3, 'done', 3, 2],
    ]);
  });

  it('takes NaN for the worst value', async () => {
    const world = new SweepWorld();
    await world.drive(definition(), ({ values }) => ({ value: values['a.x'] === 1 ? NaN : 7 }));
    expect(ranking(world)).toEqual([
      [2, 'done', 7, 1],
      [3, 'done', 7, 1],
      [1, 'done', undefined, 0],
    ]);
  });

  it('gives the same points to searches that get the same results, in whichever way they are cut up', async () => {
    const search = definition({
      method: 'random',
      budget: { runs: 8 },
      space: [{ name: 'a.x', kind: 'range', low: 0, high: 4, log: false, integer: false }],
    });
    const whole = new SweepWorld();
    await whole.drive(search, quadratic);
    const cut = new SweepWorld();
    for (let part = 0; part < 4; part++) await cut.drive(search, quadratic, { stopAfter: 3 });
    expect(ranking(cut)).toEqual(ranking(whole));
    const parallel = new SweepWorld();
    await parallel.drive(search, quadratic, { workers: 4, order: 2 });
    expect(ranking(parallel)).toEqual(ranking(whole));
  });

  it('proves its suggestions and starts, and notices a changed journal', async () => {
    const world = new SweepWorld();
    const search = definition({
      method: 'random',
      budget: { runs: 9 },
      seeds: [1, 2, 3],
      space: [{ name: 'a.x', kind: 'range', low: 0, high: 4, log: false, integer: false }],
    });
    await world.drive(search, quadratic, { workers: 2, order: 1 });
    const { journal } = world.sweep();
    expect(verifySuggestions(search, journal)).toEqual({ suggestions: 3, starts: 9, faults: [] });
    const forged = journal.map(entry =>
      entry.type === 'suggested' && entry.point === 2 ? { ...entry, values: { 'a.x': 2 } } : entry,
    );
    expect(verifySuggestions(search, forged).faults).toHaveLength(1);
    expect(verifySuggestions({ ...search, seed: 2 }, journal).faults.length).toBeGreaterThan(0);
  });
});

describe('early stopping', () => {
  const early = { method: 'asha', stage: 'a', rungs: [10, 30], max: 90, eta: 3, atLeast: 5 } as const;
  const nine = { name: 'a.x', kind: 'choice', values: [1, 2, 3, 4, 5, 6, 7, 8, 9] } as const;

  it('pauses all points, and lets one of three go on from there', async () => {
    const world = new SweepWorld();
    await world.drive(definition({ early, space: [nine] }), ({ values }) => ({
      value: Number(values['a.x']),
    }));
    expect(ranking(world).slice(0, 3)).toEqual([
      [1, 'done', 1, 1],
      [2, 'pruned', 2, 1],
      [3, 'pruned', 3, 1],
    ]);
    // Promoted as soon as one of three was better: each goes on with its own experiment.
    expect(world.starts.filter(({ rung }) => rung === 0)).toHaveLength(9);
    expect(world.starts.filter(({ rung }) => rung === undefined)).toEqual([
      { point: 1, repeat: 1, experiment: 'exp-1' },
    ]);
    expect(world.experiments.size).toBe(9);
  });

  it('waits for all repeats of a point, and promotes them together', async () => {
    const world = new SweepWorld();
    await world.drive(
      definition({ early, space: [{ ...nine, values: [1, 2, 3] }], seeds: [1, 2] }),
      ({ values, start }) => ({ value: Number(values['a.x']) + start.repeat / 2 }),
      { workers: 3 },
    );
    const { state } = world.sweep();
    expect(state.rungResults.filter(({ rung }) => rung === 0).map(({ value }) => value)).toEqual([
      1.75, 2.75, 3.75,
    ]);
    expect(state.points[0]?.trials.map(({ rung }) => rung)).toEqual([1, 1]);
    expect(state.points[1]?.trials.map(({ rung }) => rung)).toEqual([0, 0]);
  });

  it('is proven by a replay, however it was cut up', async () => {
    const sweep = definition({ early, space: [nine] });
    const run: Attempt = ({ values }) => ({ value: Math.sin(Number(values['a.x'])) });
    const whole = new SweepWorld();
    await whole.drive(sweep, run);
    const cut = new SweepWorld();
    while (!cut.registry.sweeps.ids().includes('sweep-1') || cut.sweep().state.completed === undefined)
      await cut.drive(sweep, run, { stopAfter: 2 });
    expect(ranking(cut)).toEqual(ranking(whole));
    expect(verifySuggestions(sweep, cut.sweep().journal).faults).toEqual([]);
  });

  it('by the median ends what is worse than half of the others', async () => {
    const world = new SweepWorld();
    await world.drive(
      definition({ early: { ...early, method: 'median', atLeast: 2 }, space: [nine] }),
      ({ values }) => ({ value: Number(values['a.x']) }),
    );
    const done = ranking(world).filter(([, status]) => status === 'done');
    expect(done.map(([x]) => x)).toEqual([1, 2]);
  });
});
