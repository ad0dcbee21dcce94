/** The parts of JSON Schema that stages' parameters are made of, and pipe's own annotations. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema | readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
  readonly discriminator?: { readonly propertyName: string };
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** pipe's: a path ending in .yaml or .yml is replaced by that file's content. */
  readonly yamlFile?: boolean;
  /** pipe's: the name by which schemas inside of this one refer to it: `#/$defs/<name>`. It stands there once checked. */
  readonly definition?: string;
  /** pipe's: a path of the file system. */
  readonly path?: boolean;
  /** pipe's: what to expect, in words, where the schema itself was rewritten. */
  readonly expected?: string;
}

/** The schema itself and the alternatives in it, at any depth of nesting. */
export function branchesOf(schema: Schema): readonly Schema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...inner.flatMap(branchesOf)];
}

/** A copy with every nested schema changed, innermost first. */
export function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const one = (inner: Schema) => mapSchema(inner, change);
  const record = (inner: Readonly<Record<string, Schema>>) =>
    Object.fromEntries(Object.entries(inner).map(([name, value]) => [name, one(value)]));
  const { properties, patternProperties, additionalProperties, items, anyOf, oneOf, allOf, $defs } = schema;
  return change({
    ...schema,
    ...(properties && { properties: record(properties) }),
    ...(patternProperties && { patternProperties: record(patternProperties) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: one(additionalProperties) }),
    ...(items && { items: isList(items) ? items.map(one) : one(items) }),
    ...(anyOf && { anyOf: anyOf.map(one) }),
    ...(oneOf && { oneOf: oneOf.map(one) }),
    ...(allOf && { allOf: allOf.map(one) }),
    ...($defs && { $defs: record($defs) }),
  });
}

/** A copy with every named schema (`definition`) moved to the root's `$defs` and referred to. */
export function withDefinitions(schema: Schema): Schema {
  const definitions: Record<string, Schema> = {};
  const changed = mapSchema(schema, inner => {
    const { definition, ...named } = inner;
    if (definition === undefined) return inner;
    definitions[definition] = named;
    // The type stays in sight of what divides alternatives by it.
    return { ...(named.type !== undefined && { type: named.type }), ...reference(definition) };
  });
  if (Object.keys(definitions).length === 0) return schema;
  return { ...changed, $defs: { ...changed.$defs, ...definitions } };
}

const reference = (definition: string): Schema => ({ $ref: `#/$defs/${definition}` });

/** The named schemas in a schema, by their references. */
export function definitionsOf(schema: Schema): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  mapSchema(schema, inner => {
    if (inner.definition !== undefined) found.set(reference(inner.definition).$ref ?? '', inner);
    return inner;
  });
  return found;
}

/** A copy without some keywords. */
export function omit(schema: Schema, ...keywords: readonly (keyof Schema)[]): Schema {
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword as keyof Schema)),
  );
}

export function isList(items: Schema | readonly Schema[]): items is readonly Schema[] {
  return Array.isArray(items);
}
