import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { RungResult } from '../../src/search/early.ts';
import { asha, median } from '../../src/search/early.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

const result = (point: number, rung: number, value: number | undefined): RungResult => ({
  point,
  rung,
  value,
});

/** Algorithm 2 of Li et al. 2020, "A system for massively parallel hyperparameter tuning", word for word. */
class PaperAsha {
  readonly #rungs: { point: number; loss: number }[][] = [];
  readonly #promoted: Set<number>[] = [];
  readonly #eta: number;

  constructor(eta: number) {
    this.#eta = eta;
  }

  report(point: number, rung: number, loss: number): void {
    (this.#rungs[rung] ??= []).push({ point, loss });
    this.#promoted[rung] ??= new Set();
  }

  /** The point to promote, with the rung from which it goes on; undefined for a new point. */
  getJob(): { point: number; rung: number } | undefined {
    for (let rung = this.#rungs.length - 1; rung >= 0; rung--) {
      const entries = this.#rungs[rung] ?? [];
      const candidates = entries
        .toSorted((left, right) => left.loss - right.loss)
        .slice(0, Math.floor(entries.length / this.#eta));
      const [promotable] = candidates.filter(({ point }) => !this.#promoted[rung]?.has(point));
      if (promotable === undefined) continue;
      this.#promoted[rung]?.add(promotable.point);
      return { point: promotable.point, rung };
    }
    return undefined;
  }
}

describe('successive halving', () => {
  it('promotes the best third of those that reached a rung, the best first', () => {
    const early = asha({ eta: 3 });
    const results = [5, 3, 4, 1, 6, 2].map((value, point) => result(point, 0, value));
    expect(early(results.slice(0, 2), 'min')).toEqual({ promote: [], pruned: [] });
    expect(early(results.slice(0, 3), 'min').promote).toEqual([1]);
    expect(early(results, 'min').promote).toEqual([3, 5]);
    expect(early(results, 'max').promote).toEqual([4, 0]);
  });

  it('promotes a point once, and from the highest rung first', () => {
    const early = asha({ eta: 2 });
    const results = [1, 2, 3, 4].map((value, point) => result(point, 0, value));
    expect(early([...results, result(0, 1, 9)], 'min').promote).toEqual([1]);
    expect(early([...results, result(0, 1, 9), result(1, 1, 8)], 'min').promote).toEqual([1]);
    const more = [result(4, 0, 0), result(5, 0, 9)];
    expect(early([...results, result(0, 1, 9), result(1, 1, 8), ...more], 'min').promote).toEqual([1, 4]);
  });

  it('takes the earlier of equal results, and never one that failed', () => {
    const early = asha({ eta: 2 });
    expect(early([result(7, 0, 1), result(2, 0, 1)], 'min').promote).toEqual([7]);
    expect(early([result(0, 0, undefined), result(1, 0, NaN)], 'max').promote).toEqual([]);
    expect(early([result(0, 0, undefined), result(1, 0, 5)], 'max').promote).toEqual([1]);
  });

  it.each([2, 3, 4])(`does what Algorithm 2 of the paper does, eta %i (${seedWords})`, eta => {
    const random = new Random(testSeed + eta);
    const paper = new PaperAsha(eta);
    const results: RungResult[] = [];
    const running: { point: number; rung: number }[] = [];
    const started = new Set<string>();
    let points = 0;
    for (let event = 0; event < 300; event++) {
      if (running.length < 5 && random.uniform() < 0.6) {
        const expected = paper.getJob();
        const { promote } = asha({ eta })(results, 'min');
        const lastRung = (point: number) => results.filter(one => one.point === point).at(-1)?.rung ?? -1;
        const free = promote.filter(point => !started.has(`${point} ${lastRung(point) + 1}`));
        expect(free[0]).toBe(expected?.point);
        const job = expected ?? { point: points++, rung: -1 };
        running.push({ point: job.point, rung: job.rung + 1 });
        started.add(`${job.point} ${job.rung + 1}`);
      } else if (running.length > 0) {
        const [ended] = running.splice(random.integer(0, running.length - 1), 1);
        const { point = NaN, rung = NaN } = ended ?? {};
        // Few different values, so that some are equal.
        const value = random.integer(1, 20);
        paper.report(point, rung, value);
        results.push(result(point, rung, value));
      }
    }
    expect(Math.max(...results.map(({ rung }) => rung))).toBeGreaterThan(1);
  });
});

describe('median stopping', () => {
  const early = median({ atLeast: 2 });

  it('ends a point whose best result is worse than the median of those before it at its rung', () => {
    const results = [result(0, 0, 1), result(1, 0, 3), result(2, 0, 2.1), result(3, 0, 2)];
    expect(early(results.slice(0, 2), 'min')).toEqual({ promote: [0, 1], pruned: [] });
    expect(early(results.slice(0, 3), 'min')).toEqual({ promote: [0, 1], pruned: [2] });
    expect(early(results, 'min')).toEqual({ promote: [0, 3, 1], pruned: [2] });
    expect(early(results, 'max').pruned).toEqual([3]);
  });

  it('counts the best result so far, and ends for good', () => {
    const before = [result(0, 0, 1), result(0, 1, 4), result(1, 0, 1), result(1, 1, 4), result(2, 0, 1)];
    expect(early([...before, result(2, 1, 9)], 'min').pruned).toEqual([]);
    const later = [result(3, 0, 2), ...[4, 5, 6].map(point => result(point, 0, 8))];
    expect(early([...before, ...later], 'min').pruned).toEqual([3, 4, 5, 6]);
    expect(early([...before, ...later, ...[7, 8].map(point => result(point, 0, 8))], 'min').pruned).toContain(
      3,
    );
  });

  it('ends a point that has no result, however few there are', () => {
    expect(early([result(0, 0, undefined)], 'min')).toEqual({ promote: [], pruned: [0] });
    expect(early([result(0, 0, 2), result(0, 1, NaN)], 'max')).toEqual({ promote: [0], pruned: [] });
  });

  it(`does what Optuna's median pruner does with those that reached the rung (${seedWords})`, () => {
    const random = new Random(testSeed);
    const results: RungResult[] = [];
    const pruned = new Set<number>();
    const reached = new Map<number, number[]>();
    for (let event = 0; event < 200; event++) {
      const point = random.integer(0, 40);
      const own = reached.get(point) ?? [];
      if (pruned.has(point) || own.length === 4) continue;
      own.push(random.uniform());
      reached.set(point, own);
      results.push(result(point, own.length - 1, own.at(-1)));
      const others = [...reached].filter(([other, values]) => other !== point && values.length >= own.length);
      const sorted = others.map(([, values]) => values[own.length - 1] ?? NaN).sort((a, b) => a - b);
      const half = (sorted.length - 1) / 2;
      const middle = ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half)] ?? NaN)) / 2;
      if (others.length >= 3 && Math.min(...own) > middle) pruned.add(point);
    }
    const decision = median({ atLeast: 3 })(results, 'min');
    expect(new Set(decision.pruned)).toEqual(pruned);
    expect(new Set(decision.promote)).toEqual(new Set([...reached.keys()].filter(one => !pruned.has(one))));
    expect(pruned.size).toBeGreaterThan(5);
  });
});
