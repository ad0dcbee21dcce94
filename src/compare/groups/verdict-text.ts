import type { Interval } from '../../core/interval.ts';
import { listedShortly } from '../listed.ts';
import type { Estimate } from '../statistics/intervals.ts';
import type { GroupedMetric } from './group-metrics.ts';
import type { Verdict } from './verdict.ts';

/** A verdict in words: `better by 31%, 95% interval 24–38%, 3 seeds each`. @param unit Of the metric. */
export function verdictText(verdict: Verdict, { unit }: Pick<GroupedMetric, 'unit'>): string {
  const { outcome, gain, relative, isPaired, runs, broken } = verdict;
  if (gain === undefined) return unknownText(runs, broken);
  if (outcome === 'equal') return `equal in all runs, ${runsText(runs, isPaired)}`;
  const estimate = relative ?? gain;
  const size = relative === undefined ? absolute(unit) : percentages(relative);
  const { interval } = estimate;
  const details = (words: string) => `${words}, ${runsText(runs, isPaired)}`;
  if (outcome === 'inconclusive') {
    const [low, high] = [size(-interval[0]), size(interval[1])];
    return details(
      `inconclusive: the difference is smaller than the noise, from ${low} worse to ${high} better`,
    );
  }
  const [low, high]: Interval = outcome === 'better' ? interval : [-interval[1], -interval[0]];
  return details(
    `${outcome} by ${size(Math.abs(estimate.value))}, 95% interval ${size(low).replace(/%$/, '')}–${size(high)}`,
  );
}

function unknownText([own, other]: Verdict['runs'], broken: readonly string[]): string {
  if (broken.length > 0)
    return `unknown: ${listedShortly(broken)} ${broken.length === 1 ? 'has' : 'have'} no number`;
  return own === 1 && other === 1
    ? 'unknown: one run each cannot tell a difference from noise'
    : 'unknown: one run cannot tell a difference from noise';
}

function runsText([own, other]: Verdict['runs'], isPaired: boolean): string {
  if (isPaired) return `${own} seeds each`;
  return own === other ? `${own} runs each` : `${own} and ${other} runs`;
}

/** Shares as percentages with the digits that half the interval's width warrants; a small one is not shown as 0. */
function percentages({ interval: [low, high] }: Estimate): (share: number) => string {
  const half = 50 * (high - low);
  const decimals = half === 0 || half >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(half)));
  return share => {
    const text = (100 * share).toFixed(decimals);
    return `${Number(text) === 0 && share !== 0 ? Number((100 * share).toPrecision(1)) : text}%`;
  };
}

const absolute =
  (unit: string | null) =>
  (value: number): string =>
    `${Number(value.toPrecision(3))}${unit === null ? '' : ` ${unit}`}`;
