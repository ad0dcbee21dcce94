import { branchesOf, isList, type Schema } from '../core/json-schema.ts';

/**
 * Replaces every text in a parameter's value.
 * @param change Receives true for a text that the schema declares a path (`path: true`).
 */
export function mapTexts(
  value: unknown,
  schema: Schema | undefined,
  change: (text: string, isPath: boolean) => string,
): unknown {
  if (typeof value === 'string') return change(value, isPath(schema));
  if (Array.isArray(value)) return value.map(item => mapTexts(item, itemsOf(schema), change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, propertyOf(schema, name), change)]),
  );
}

/** A text that is a path, by `path: true` in its schema. */
export interface PathText {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly schema: Schema;
}

/** The paths in a parameter's value. */
export function pathTexts(
  value: unknown,
  schema: Schema | undefined,
  path: PathText['path'] = [],
): readonly PathText[] {
  if (typeof value === 'string') return schema && isPath(schema) ? [{ path, text: value, schema }] : [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => pathTexts(item, itemsOf(schema), [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathTexts(inner, propertyOf(schema, name), [...path, name]),
  );
}

const isPath = (schema: Schema | undefined): boolean =>
  schema !== undefined && branchesOf(schema).some(({ path }) => path === true);

function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  return schema && branchesOf(schema).find(({ properties }) => properties?.[name])?.properties?.[name];
}

function itemsOf(schema: Schema | undefined): Schema | undefined {
  const items = schema && branchesOf(schema).find(branch => branch.items)?.items;
  return items === undefined || isList(items) ? undefined : items;
}
