import type { Cells } from './importance-cells.ts';
import { normalMass } from './normal.ts';

/** Added to probabilities, which are divided by each other. */
const EPSILON = 1e-12;

/** The narrowest kernel has nine tenths of its mass in its own cell. */
const NARROWEST = 0.5 / 1.64;

/** Cells that have points, with how many. */
type Filled = readonly { readonly cell: number; readonly count: number }[];

/**
 * The probability of each cell by a Parzen estimator: a kernel per point and one for the prior, whose width follows Scott's rule
 * (1992, "Multivariate density estimation") as in PED-ANOVA.
 */
export function scottDensity({ ordered, counts }: Cells): readonly number[] {
  const filled = counts.flatMap((count, cell) => (count > 0 ? [{ cell, count }] : []));
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const kernels = ordered ? normalKernels(filled, counts.length) : choiceKernels(filled, counts.length);
  return counts.map((_, cell) => {
    const sum = filled.reduce(
      (before, { count }, at) => before + count * kernels(at, cell),
      kernels(filled.length, cell),
    );
    return sum / (total + 1) + EPSILON;
  });
}

/** Probability that a kernel, or the prior after the last, gives a cell. */
type Kernels = (kernel: number, cell: number) => number;

function choiceKernels(filled: Filled, cells: number): Kernels {
  const other = 1 / (filled.length + 1);
  return (kernel, cell) => {
    const own = filled[kernel];
    return own === undefined ? 1 / cells : ((own.cell === cell ? 1 : 0) + other) / (1 + cells * other);
  };
}

function normalKernels(filled: Filled, cells: number): Kernels {
  const width = scottWidth(filled);
  return (kernel, cell) => {
    const own = filled[kernel];
    const [mean, deviation] = own === undefined ? [(cells - 1) / 2, cells] : [own.cell, width];
    const mass = (from: number, to: number) => normalMass((from - mean) / deviation, (to - mean) / deviation);
    return mass(cell - 0.5, cell + 0.5) / mass(-0.5, cells - 0.5);
  };
}

function scottWidth(filled: Filled): number {
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const mean = filled.reduce((sum, { cell, count }) => sum + cell * count, 0) / total;
  const squares = filled.reduce((sum, { cell, count }) => sum + (cell - mean) ** 2 * count, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const lower = cellAfter(filled, before => before >= Math.floor(total / 4));
  const upper = cellAfter(filled, before => before > Math.floor((total * 3) / 4));
  const width = 1.059 * Math.min((upper - lower) / 1.34, deviation) * total ** -0.2;
  return Math.max(width, NARROWEST);
}

/** The first cell whose count with all before it is enough, or the last. */
function cellAfter(filled: Filled, isEnough: (count: number) => boolean): number {
  let sum = 0;
  const found = filled.find(({ count }) => isEnough((sum += count)));
  return (found ?? filled.at(-1))?.cell ?? 0;
}
