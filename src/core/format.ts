/** Quantities in words for people. Scripts get the numbers themselves. */
import type { Interval } from './interval.ts';

/** Placeholder of a missing value. */
export const MISSING = '–';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** `0.4 s`, `4 min 10 s`, `1 h 3 min`, from milliseconds. */
export function formatDuration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < MINUTE * 10) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${seconds % MINUTE} s`;
  const minutes = Math.round(seconds / MINUTE);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `512 B`, `1.5 kB`, `270.3 MB`: powers of 1000, as disks are counted. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A measured value to four significant digits: `0.6931`, `12.50`, `1235`; whole numbers as they are. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}

/** Most decimals of an estimate: narrower intervals are shown with the digits of `formatNumber`. */
const MOST_DECIMALS = 8;

/**
 * A value with its 95 % interval, in the digits that the interval warrants: `0.0405 ± 0.0006`, or `0.0405 (0.0392–0.0431)` where
 * the value is not about in the middle. Half the interval's width has two digits where the first one is 1 or 2, else one. Without
 * an interval the same as `formatNumber`.
 */
export function formatEstimate(value: number, interval?: Interval): string {
  if (interval === undefined || !Number.isFinite(value)) return formatNumber(value);
  const [low, high] = interval;
  const half = high / 2 - low / 2;
  const decimals = decimalsOf(half);
  const format = decimals > MOST_DECIMALS ? formatNumber : (each: number) => fixed(each, decimals);
  if (isCentred(value, interval, 10 ** -decimals)) return `${format(value)} ± ${format(half)}`;
  return `${format(value)} (${format(low)}${low < 0 ? ' to ' : '–'}${format(high)})`;
}

/** Decimals that show one or two digits of half an interval's width; infinitely many of 0. */
function decimalsOf(half: number): number {
  const [digits = '', exponent] = half.toExponential(1).split('e');
  if (half === 0) return Infinity;
  return Math.max(0, (/^[12]/.test(digits) ? 1 : 0) - Number(exponent));
}

/** True where both sides are alike up to the last digit shown, or up to a fifth of half the width. */
function isCentred(value: number, [low, high]: Interval, unit: number): boolean {
  const tolerance = Math.max(1.001 * unit, (high / 2 - low / 2) / 5);
  return low <= value && value <= high && Math.abs(high - value - (value - low)) <= tolerance;
}

/** `toFixed` without the minus of a negative number that rounds to 0. */
const fixed = (value: number, decimals: number): string =>
  value.toFixed(decimals).replace(/^-(?=[0.]+$)/, '');

/** `2026-10-02 14:03:11` in the local time zone, from ISO 8601; any other text is returned unchanged. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const local = new Date(time.getTime() - time.getTimezoneOffset() * MINUTE * 1000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

/** `1 file`, `2 files`: with a noun whose plural is regular. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The text, cut to so many characters, with an ellipsis where something is missing. */
export const cut = (text: string, room: number): string =>
  text.length > room ? `${text.slice(0, room - 1)}…` : text;

/** The first line of a text: messages of native code have many. */
export const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
