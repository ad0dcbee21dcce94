import { join, relative, sep } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';

/** At most 15 digits, so that the number is exact. */
const ID = /^exp-([1-9][0-9]{0,14})$/;

/** The number of `exp-12`; undefined for anything that is not an id. */
export function experimentNumber(text: string): number | undefined {
  const digits = ID.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The experiment of a registry in whose folder a path lies; undefined for any other path. */
export function experimentOf(registry: string, path: string): string | undefined {
  const [first = ''] = relative(registry, path).split(sep);
  return experimentNumber(first) === undefined ? undefined : first;
}

/** The folder of an experiment. @throws Failure, exit code 2, for an invalid id, which could lead anywhere. */
export function experimentDir(registry: string, id: string): string {
  if (experimentNumber(id) !== undefined) return join(registry, id);
  throw new Failure({
    code: 'bad-reference',
    exitCode: 2,
    message: `"${printable(id.slice(0, 80))}" names no experiment`,
    details: ['An experiment is named as exp-3.'],
  });
}

export const experimentId = (number: number): string => `exp-${number}`;

/**
 * Checks a stage id or a file name that becomes the name of a folder.
 * @throws Failure for a name that could lead anywhere else.
 */
export function checkSegment(name: string, what: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > 0 && bytes <= 200 && !/[/\\\0]/.test(name) && name !== '.' && name !== '..') return;
  throw new Failure({
    code: 'unsafe-name',
    message: `the ${what} "${printable(name.slice(0, 80))}" cannot be a folder's name`,
    hint: 'Use letters, digits and dashes.',
  });
}
