/** Axes: from values and steps to pixels, with ticks. */
import { scaleLinear, scaleLog } from 'd3-scale';

export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly Tick[];
  readonly isLog: boolean;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export type Extent = readonly [low: number, high: number];

/** The values of a panel. */
export interface Values {
  /** Of the lines. */
  readonly drawn: Extent;
  /** Lines, and all else but rare outliers. */
  readonly all: Extent;
  /** False for shares and scores of which more is better: their differences count, not their ratios. */
  readonly mayBeLog: boolean;
}

/** A logarithmic axis where the largest value on a line is this many times the smallest. */
const RATIO_FOR_LOG = 300;

const VALUE_TICKS = 4;
/** Pixels of a label of steps, with the space around it. */
const STEP_LABEL = 62;

export function valueAxis(values: Values, height: number): Axis {
  const { drawn, all, mayBeLog } = values;
  if (mayBeLog && all[0] > 0 && drawn[1] / drawn[0] > RATIO_FOR_LOG) return logAxis(all, height);
  const scale = scaleLinear().domain(widened(all)).nice(VALUE_TICKS).range([height, 0]);
  return linearAxis(scale, scale.ticks(VALUE_TICKS));
}

export function stepAxis([first, last]: Extent, width: number): Axis {
  const from = first <= last / 20 ? 0 : first;
  const domain = from === last ? [Math.max(0, from - 1), last + 1] : [from, last];
  const scale = scaleLinear().domain(domain).range([0, width]);
  const ticks = scale.ticks(Math.max(2, Math.floor(width / STEP_LABEL))).filter(Number.isInteger);
  return linearAxis(scale, ticks);
}

type Linear = ReturnType<typeof scaleLinear<number>>;

function linearAxis(scale: Linear, values: readonly number[]): Axis {
  const largest = Math.max(...values.map(Math.abs));
  const smallest = Math.min(...values.filter(value => value !== 0).map(Math.abs));
  const format = scale.tickFormat(values.length, specifier(smallest, largest));
  return {
    place: value => scale(value),
    ticks: values.map(value => ({ at: scale(value), text: format(value) })),
    isLog: false,
  };
}

/** In the syntax of d3-format; undefined for as many decimals as the ticks need. */
function specifier(smallest: number, largest: number): string | undefined {
  if (largest >= 1e12 || smallest < 1e-4) return '~e';
  return largest >= 1e5 ? '~s' : undefined;
}

function logAxis(all: Extent, height: number): Axis {
  const scale = scaleLog().domain(all).nice().range([height, 0]);
  const [low = 1, high = 1] = scale.domain().map(value => Math.round(Math.log10(value)));
  const every = Math.ceil((high - low) / VALUE_TICKS);
  const exponents = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, n) => low + n * every);
  const format = scale.tickFormat(0, low < -4 || high > 5 ? '~e' : '~g');
  return {
    place: value => scale(value),
    ticks: exponents.map(exponent => ({ at: scale(10 ** exponent), text: format(10 ** exponent) })),
    isLog: true,
  };
}

/** An extent that is not empty. */
function widened([low, high]: Extent): Extent {
  if (low < high) return [low, high];
  const pad = Math.abs(low) / 20 || 1;
  return [low - pad, high + pad];
}

/** Around all of the extents; undefined for none. */
export function unionOf(extents: readonly Extent[]): Extent | undefined {
  const [first, ...others] = extents;
  return others.reduce<Extent | undefined>(
    (all, [low, high]) => all && [Math.min(all[0], low), Math.max(all[1], high)],
    first,
  );
}
