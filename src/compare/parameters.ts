import { isDeepStrictEqual } from 'node:util';
import { cell, type ComparedExperiment, type Row } from './table.ts';

/** A row per parameter of any experiment, by name; without `all` only those that differ. */
export function parameterRows(experiments: readonly ComparedExperiment[], all: boolean): Row[] {
  const columns = fold(experiments.map(({ record }) => flatten(record.parameters)));
  const names = new Set(columns.flatMap(column => [...column.keys()]));
  return [...names].flatMap(name => {
    const values = columns.map(column => column.get(name));
    if (!all && areEqual(values)) return [];
    const cells = values.map(value => cell(value, parameterText(value)));
    return [{ name, unit: null, direction: 'none' as const, cells }];
  });
}

export function areEqual(values: readonly unknown[]): boolean {
  return values.every(value => isDeepStrictEqual(value, values[0]));
}

/** Text of a value: strings unchanged, structures by their size, other values as JSON. */
export function parameterText(value: unknown): string {
  // Leaves are never non-empty structures: this one was folded.
  if (isStructured(value) && !Array.isArray(value) && Object.keys(value).length > 0)
    return `${Object.keys(value).length} values of its own`;
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/**
 * Columns in which a structure (a whole network) becomes one value where another experiment has a plain value (`model: cgan`):
 * its leaves have no counterparts.
 */
function fold(columns: readonly ReadonlyMap<string, unknown>[]): readonly ReadonlyMap<string, unknown>[] {
  const names = new Set(columns.flatMap(column => [...column.keys()]));
  const outermost = new Map([...names].map(name => [name, outerNames(name).find(outer => names.has(outer))]));
  return columns.map(column => {
    const folded = new Map<string, unknown>();
    const structures = new Map<string, [string, unknown][]>();
    for (const [name, value] of column) {
      const whole = outermost.get(name) ?? name;
      if (whole === name) folded.set(name, value);
      else {
        const leaves = structures.get(whole) ?? [];
        leaves.push([name, value]);
        structures.set(whole, leaves);
        // Keeps the place of the leaves; the value follows.
        folded.set(whole, undefined);
      }
    }
    for (const [whole, leaves] of structures) folded.set(whole, Object.fromEntries(leaves));
    return folded;
  });
}

/** Most levels of a parameter's name; no stage of pipe has more. */
const DEEPEST = 100;

/** `a`, `a.b` and `a.b[3]` for `a.b[3].c`. */
function outerNames(name: string): string[] {
  return Array.from(name.matchAll(/[.[]/g), ({ index }) => index)
    .slice(0, DEEPEST)
    .map(end => name.slice(0, end));
}

/**
 * Leaves by path, `generator.layers[3].units`, so that only the differing numbers of a network get a row. A list of plain values
 * is one leaf.
 */
function flatten(parameters: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const visit = (path: string, value: unknown) => {
    if (Array.isArray(value) && value.some(isStructured))
      value.forEach((item, index) => visit(`${path}[${index}]`, item));
    else if (isStructured(value) && !Array.isArray(value) && Object.keys(value).length > 0)
      for (const [key, item] of Object.entries(value)) visit(`${path}.${key}`, item);
    else leaves.set(path, value);
  };
  for (const [name, value] of Object.entries(parameters)) visit(name, value);
  return leaves;
}

const isStructured = (value: unknown): value is object => typeof value === 'object' && value !== null;
