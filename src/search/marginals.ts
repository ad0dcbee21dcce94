import type { Random } from '../core/random.ts';
import { normalMass } from './normal.ts';
import { cellOf, choiceIndex, fromUnit, toUnit } from './scale.ts';
import type { Choice, Dimension, Point, Range } from './space.ts';

/** The part of a Parzen estimator's kernels that belongs to a dimension, by the index of the kernel; the prior's is the last. */
export interface Marginal {
  draw(kernel: number, random: Random): unknown;
  /** Adds the logarithm of the probability, or density, that each kernel gives a value. */
  addLogs(value: unknown, logs: Float64Array): void;
}

export const marginalOf = (dimension: Dimension, points: readonly Point[]): Marginal =>
  dimension.kind === 'choice' ? choiceMarginal(dimension, points) : rangeMarginal(dimension, points);

function choiceMarginal(choice: Choice, points: readonly Point[]): Marginal {
  const chosen = [...points.map(point => choiceIndex(choice, point[choice.name])), -1];
  const known = chosen.filter(index => index >= 0).length;
  const { length } = choice.values;
  // A weight of 1 for the kernel's own value, and one for each value that falls with the number of points.
  const each = 1 / (known + 1);
  const probability = (own: number, index: number) =>
    own < 0 ? 1 / length : ((own === index ? 1 : 0) + each) / (1 + length * each);
  return {
    draw(kernel, random) {
      const probabilities = choice.values.map((_, index) => probability(chosen[kernel] as number, index));
      return choice.values[pickWeighted(probabilities, 1, random)];
    },
    addLogs(value, logs) {
      const index = choiceIndex(choice, value);
      for (const [kernel, own] of chosen.entries()) {
        logs[kernel] = (logs[kernel] as number) + Math.log(probability(own, index));
      }
    },
  };
}

/** A normal that is truncated to the unit interval. */
interface Bump {
  readonly mean: number;
  readonly deviation: number;
  /** Of the normal in the unit interval, at least a third. */
  readonly mass: number;
  /** Logarithm of the factor of its density, without that of all normals. */
  readonly logFactor: number;
}

function bump(mean: number, deviation: number): Bump {
  const mass = normalMass(-mean / deviation, (1 - mean) / deviation);
  return { mean, deviation, mass, logFactor: -Math.log(deviation * mass * Math.sqrt(2 * Math.PI)) };
}

function rangeMarginal(range: Range, points: readonly Point[]): Marginal {
  const values = points.map(point => point[range.name]);
  const known = bumpsOf(values.flatMap(value => (typeof value === 'number' ? [toUnit(range, value)] : [])));
  const prior = bump(0.5, 1);
  let at = 0;
  const bumps = values.map(value => (typeof value === 'number' ? (known[at++] as Bump) : prior));
  bumps.push(prior);
  return {
    draw(kernel, random) {
      const { mean, deviation } = bumps[kernel] as Bump;
      let unit;
      do unit = mean + deviation * random.normal();
      while (unit < 0 || unit > 1);
      return fromUnit(range, unit);
    },
    addLogs(value, logs) {
      const unit = toUnit(range, value as number);
      const cell = cellOf(range, value as number);
      for (const [kernel, own] of bumps.entries()) {
        const log = cell === undefined ? logDensity(own, unit) : logMass(own, cell);
        logs[kernel] = (logs[kernel] as number) + log;
      }
    },
  };
}

const logDensity = ({ mean, deviation, logFactor }: Bump, unit: number): number =>
  logFactor - 0.5 * ((unit - mean) / deviation) ** 2;

const logMass = ({ mean, deviation, mass }: Bump, [from, to]: readonly [number, number]): number =>
  Math.log(normalMass((from - mean) / deviation, (to - mean) / deviation) / mass);

/** A normal at each of some numbers, as wide as the larger distance to its neighbours, between limits. */
function bumpsOf(units: readonly number[]): readonly Bump[] {
  const order = [...units.keys()].sort((left, right) => (units[left] as number) - (units[right] as number));
  const narrowest = 1 / Math.min(100, units.length + 2);
  const last = units.length - 1;
  const bumps: Bump[] = [];
  order.forEach((at, rank) => {
    const mean = units[at] as number;
    // The ends of the range are no neighbours, except of a number that has no other.
    const before = rank === 0 ? (last === 0 ? 0 : mean) : (units[order[rank - 1] as number] as number);
    const after = rank === last ? (last === 0 ? 1 : mean) : (units[order[rank + 1] as number] as number);
    bumps[at] = bump(mean, Math.min(1, Math.max(narrowest, mean - before, after - mean)));
  });
  return bumps;
}

/** An index, with a probability in proportion to its weight. */
export function pickWeighted(weights: readonly number[], total: number, random: Random): number {
  let left = random.uniform(0, total);
  const found = weights.findIndex(weight => (left -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}
