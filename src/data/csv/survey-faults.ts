import { Failure } from '../../core/failure.ts';
import { listed } from '../report.ts';
import { quoted } from './cells.ts';
import { countsText } from './counts.ts';

export const MOST_CLASSES = 256;

export const noRows = (file: string, why: string, details: readonly string[] = []): Failure =>
  new Failure({
    code: 'no-rows',
    exitCode: 2,
    message: `${file} ${why}`,
    details,
    hint: 'Give a file with a row for each example.',
  });

/** @param wanted The classes that no row has. */
export const noRowsOf = (
  file: string,
  label: string,
  wanted: readonly string[],
  found: readonly string[],
): Failure =>
  noRows(file, `has no row of ${listed(wanted.map(quoted))}`, [
    `Column "${label}" has ${listed(found.map(quoted))}.`,
  ]);

export const oneClass = (file: string, label: string, only: string): Failure =>
  new Failure({
    code: 'one-class',
    exitCode: 2,
    message: `column "${label}" of ${file} has ${quoted(only)} in every row: there is nothing to tell apart`,
    hint: 'Where there are more classes than this file has, list them with classes.',
  });

export const tooManyClasses = (file: string, label: string): Failure =>
  new Failure({
    code: 'too-many-classes',
    exitCode: 2,
    message: `column "${label}" of ${file} has more than ${MOST_CLASSES} values, and no more classes are possible`,
    hint: `If it has numbers to predict: targets: ["${label}"] instead of label. Otherwise choose some with classes.`,
  });

/** @param place Of the first one. */
export const missingValues = (
  file: string,
  place: string,
  counts: ReadonlyMap<string, number>,
  hint: string,
): Failure =>
  new Failure({
    code: 'missing-values',
    exitCode: 2,
    message: `${place}: a value is missing here, as in ${file} by column: ${countsText(counts)}`,
    hint,
  });
