import { describeSchema } from '../core/describe-schema.ts';
import { mapSchema, withDefinitions, type Schema } from '../core/json-schema.ts';

/**
 * A stage's parameter schema for ajv: unknown parameters are errors, those with a default are optional, and a choice between
 * types follows the type found, which makes errors precise and lets ajv fill in the defaults inside.
 */
export function checkedSchema(params: Schema, value: unknown): Schema {
  const named = withDefinitions(narrow(params, value));
  return mapSchema(named, schema => closeObject(openParts(splitUnion(schema))));
}

/**
 * Leaves out alternatives of other types than the value's: compiling the schema of an absent network would take longer than
 * everything else.
 */
function narrow(schema: Schema, value: unknown): Schema {
  const { anyOf, properties } = schema;
  if (anyOf !== undefined) {
    const type = jsonType(value === undefined ? schema.default : value);
    const possible = anyOf.filter(branch => [undefined, type].includes(typeOf(branch)));
    return possible.length === 0 ? schema : { ...schema, anyOf: possible, expected: describeSchema(schema) };
  }
  if (properties === undefined || jsonType(value) !== 'object') return schema;
  const values = value as Readonly<Record<string, unknown>>;
  const narrowed = Object.entries(properties).map(([name, inner]) => [name, narrow(inner, values[name])]);
  return { ...schema, properties: Object.fromEntries(narrowed) as Schema['properties'] & object };
}

/**
 * Without the alternatives whose tag is nowhere in the value, nor among defaults: it accepts the same values as before, or fewer,
 * and is compiled several times faster where one kind of many is chosen, as for layers. Undefined where none can be left out.
 */
export function usedAlternatives(params: Schema, value: unknown): Schema | undefined {
  const texts = new Set<string>();
  collectTexts(value, texts);
  mapSchema(params, schema => {
    collectTexts(schema.default, texts);
    return schema;
  });
  let isLess = false;
  const used = mapSchema(params, schema => {
    const { oneOf, discriminator } = schema;
    if (oneOf === undefined || discriminator === undefined) return schema;
    const kept = oneOf.filter(({ properties }) => {
      const tag = properties?.[discriminator.propertyName]?.const;
      return typeof tag !== 'string' || texts.has(tag);
    });
    // An empty choice would be no schema.
    if (kept.length === 0) kept.push(...oneOf.slice(0, 1));
    isLess ||= kept.length < oneOf.length;
    return { ...schema, oneOf: kept };
  });
  return isLess ? used : undefined;
}

/** Adds all texts in a value, at any depth. */
function collectTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) collectTexts(inner, texts);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

/** Names of required parameters: those without a default. An object without required parameters has the default `{}`. */
export function requiredOf({ required, properties }: Schema): readonly string[] {
  return (required ?? []).filter(name => defaultOf(properties?.[name]) === undefined);
}

/** The value of an omitted parameter. */
export function defaultOf(schema: Schema | undefined): unknown {
  if (schema?.default !== undefined) return schema.default;
  const needsNothing =
    schema?.type === 'object' && schema.properties !== undefined && requiredOf(schema).length === 0;
  return needsNothing ? {} : undefined;
}

/** Opens each part of an intersection to the properties of the others. */
function openParts(schema: Schema): Schema {
  return schema.allOf === undefined
    ? schema
    : { ...schema, allOf: schema.allOf.map(part => ({ ...part, additionalProperties: true })) };
}

function closeObject(schema: Schema): Schema {
  if (!isClosed(schema)) return schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = schema.required?.includes(name) === true ? defaultOf(property) : property.default;
    return [name, value === undefined ? property : { ...property, default: value }] as const;
  });
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    required: requiredOf(schema),
    additionalProperties: schema.additionalProperties ?? false,
  };
}

/** True when an object has no properties but its own: a choice lists more in its branches. */
export function isClosed({ type, properties, anyOf, oneOf, allOf }: Schema): boolean {
  return type === 'object' && properties !== undefined && !(anyOf ?? oneOf ?? allOf);
}

/** `anyOf` with branches of different types becomes `if`/`then`/`else` over the type; of literals, an `enum`. */
function splitUnion(schema: Schema): Schema {
  const { anyOf, ...rest } = schema;
  if (anyOf === undefined) return schema;
  const expected = schema.expected ?? describeSchema(schema);
  const groups = new Map<string, Schema[]>();
  for (const branch of anyOf) {
    const type = typeOf(branch);
    if (type === undefined) return { ...schema, expected };
    groups.set(type, [...(groups.get(type) ?? []), branch]);
  }
  const [first, ...others] = [...groups].map(([type, branches]) => ({ type, schema: oneOfType(branches) }));
  if (first === undefined) return schema;
  if (others.length === 0) return { ...rest, ...first.schema, expected };
  const choice = [first, ...others].reduceRight<Schema>(
    (otherwise, group) => ({
      if: { type: group.type },
      then: { ...group.schema, expected },
      else: otherwise,
    }),
    {},
  );
  return { ...rest, type: [...groups.keys()], ...choice, expected };
}

function oneOfType(branches: readonly Schema[]): Schema {
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return only;
  const literals = branches.map(literalsOf);
  if (literals.every(values => values !== undefined)) return { enum: literals.flat() };
  return byKey(branches) ?? { anyOf: branches };
}

/** A choice between mappings with distinct required keys, by the key found, or the first mapping if there is none. */
function byKey(branches: readonly Schema[]): Schema | undefined {
  const keys = branches.map(branch =>
    branch.required?.find(key =>
      branches.every(({ properties }) => branch.properties === properties || properties?.[key] === undefined),
    ),
  );
  const [first, ...others] = branches;
  if (first === undefined || keys.includes(undefined)) return undefined;
  return others.reduce<Schema>(
    (otherwise, branch, index) => ({
      if: { type: 'object', required: [keys[index + 1] as string] },
      then: branch,
      else: otherwise,
    }),
    first,
  );
}

function literalsOf(schema: Schema): readonly unknown[] | undefined {
  return schema.const !== undefined ? [schema.const] : schema.enum;
}

/** The JSON type of all values that the schema accepts, if there is only one. */
function typeOf(schema: Schema): string | undefined {
  const literal = literalsOf(schema)?.[0];
  const type = literal === undefined ? schema.type : jsonType(literal);
  if (type === 'integer') return 'number';
  return typeof type === 'string' ? type : schema.discriminator && 'object';
}
