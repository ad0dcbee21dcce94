import { formatNumber } from '../core/format.ts';
import type { Line, Panel } from './panels.ts';

/** A figure in words, for those who do not see it. */
export const describe = (panels: readonly Panel[]): string =>
  panels
    .map(
      ({ title, lines, stepUnit }) => `${title}: ${lines.map(line => lineWords(line, stepUnit)).join('; ')}.`,
    )
    .join(' ');

function lineWords({ label, summary }: Line, unit: string): string {
  const { count, last, min, max, step } = summary;
  const value = `${label} ${formatNumber(last)}`;
  if (count === 1) return value;
  return `${value} at the end of ${step} ${unit}, from ${formatNumber(min)} to ${formatNumber(max)}`;
}
