import { isList, omit, type Schema } from '../core/json-schema.ts';
import { isClosed, requiredOf } from './param-schema.ts';

/** A text with a variable, which may have a value of any type. */
const VARIABLE: Schema = { type: 'string', pattern: '\\$\\{[^}]+\\}' };
const YAML_FILE: Schema = { type: 'string', pattern: '\\.ya?ml$' };

/**
 * A parameter schema for editors: unknown names are errors, parameters with a default are optional, and every value may be a
 * variable.
 */
export function editorSchema(schema: Schema): Schema {
  const rest = omit(schema, 'discriminator', 'expected', 'path', 'yamlFile');
  const { properties, patternProperties, additionalProperties, items, anyOf, oneOf, allOf, $defs } = rest;
  const edited: Schema = {
    ...rest,
    ...(properties && { properties: editorProperties(schema, properties) }),
    ...(patternProperties && { patternProperties: mapValues(patternProperties, editorValue) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: editorValue(additionalProperties),
    }),
    ...(items && { items: isList(items) ? items.map(editorValue) : editorValue(items) }),
    ...(anyOf && { anyOf: anyOf.map(editorSchema) }),
    ...(oneOf && { oneOf: oneOf.map(editorSchema) }),
    ...(allOf && { allOf: allOf.map(editorSchema) }),
    ...($defs && { $defs: mapValues($defs, editorSchema) }),
    ...(isClosed(schema) && {
      required: requiredOf(schema),
      additionalProperties: additionalProperties ?? false,
    }),
  };
  return schema.yamlFile === true ? orElse(edited, YAML_FILE) : edited;
}

/** Properties of which the optional ones also accept `null`, which unsets them. */
function editorProperties(
  schema: Schema,
  properties: NonNullable<Schema['properties']>,
): Schema['properties'] & object {
  const required = requiredOf(schema);
  const entries = Object.entries(properties).map(([name, property]) => {
    const edited = editorValue(property);
    return [name, required.includes(name) ? edited : orNull(edited)] as const;
  });
  return Object.fromEntries(entries);
}

function orNull(schema: Schema): Schema {
  const { anyOf, type, const: literal } = schema;
  if (anyOf !== undefined) return { ...schema, anyOf: [...anyOf, { type: 'null' }] };
  if (literal !== undefined || type === undefined) return schema;
  return { ...schema, type: [...new Set([type, 'null'].flat())] };
}

/** The schema of a value that may also be a variable. Branches of a choice are excluded, as exactly one must match. */
export function editorValue(schema: Schema): Schema {
  const edited = editorSchema(schema);
  if (edited.const !== undefined) return edited;
  if (edited.enum ?? edited.anyOf ?? edited.oneOf) return orElse(edited, VARIABLE);
  if (edited.type === 'string') return isAnyText(edited) ? edited : orElse(edited, VARIABLE);
  // `pattern` applies only to texts, and bounds only to other types: no choice is needed.
  return typeof edited.type === 'string' ? { ...edited, ...VARIABLE, type: [edited.type, 'string'] } : edited;
}

/** Accepts one more kind of value. Name, description and default stay outside of the choice, where editors look for them. */
function orElse(schema: Schema, other: Schema): Schema {
  const { definition, title, description, default: value, anyOf, ...rest } = schema;
  const said = {
    ...(definition !== undefined && { definition }),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
  };
  if (anyOf === undefined) return { ...said, anyOf: [rest, other] };
  return { ...said, ...rest, anyOf: anyOf.some(isAnyText) ? anyOf : [...anyOf, other] };
}

function isAnyText(schema: Schema): boolean {
  const { type, const: literal, enum: literals, pattern, maxLength } = schema;
  return type === 'string' && [literal, literals, pattern, maxLength].every(limit => limit === undefined);
}

function mapValues(
  record: Readonly<Record<string, Schema>>,
  change: (schema: Schema) => Schema,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
