import { isList, type Schema } from './json-schema.ts';

/** A schema in a few words, for `expected …` and for `pipe stages`: `integer ≥ 1`, `one of all, train, test`. */
export function describeSchema(schema: Schema): string {
  if (schema.expected !== undefined) return schema.expected;
  const file = schema.yamlFile === true ? ', or a .yaml file' : '';
  return withoutFile(schema) + file;
}

function withoutFile(schema: Schema): string {
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return choice(schema.enum);
  if (schema.oneOf !== undefined && schema.discriminator !== undefined)
    return `mapping with ${schema.discriminator.propertyName}`;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return describeUnion(branches);
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return schema.type + range(schema);
    case 'array':
      return describeArray(schema);
    case 'object':
      return describeObject(schema);
    case 'string':
      return describeString(schema);
    case undefined:
      return 'any value';
    default:
      return String(schema.type);
  }
}

function describeUnion(branches: readonly Schema[]): string {
  const literals = branches.filter(({ const: value }) => value !== undefined).map(branch => branch.const);
  const others = branches.filter(({ const: value }) => value === undefined).map(describeSchema);
  return [...(literals.length > 0 ? [choice(literals)] : []), ...new Set(others)].join(', or ');
}

const literal = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const choice = (values: readonly unknown[]): string =>
  values.length === 1 ? literal(values[0]) : `one of ${values.map(literal).join(', ')}`;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Schema): string {
  const low =
    exclusiveMinimum !== undefined ? ` > ${exclusiveMinimum}` : minimum !== undefined ? ` ≥ ${minimum}` : '';
  const high =
    exclusiveMaximum !== undefined ? ` < ${exclusiveMaximum}` : maximum !== undefined ? ` ≤ ${maximum}` : '';
  const both = low !== '' && high !== '' ? `${low} and${high}` : low + high;
  return both + (multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`);
}

function describeArray({ items, minItems, maxItems }: Schema): string {
  if (items !== undefined && isList(items)) return `list of ${items.map(describeSchema).join(', ')}`;
  const of = items === undefined ? '' : ` of ${describeSchema(items)}`;
  if (minItems !== undefined && minItems === maxItems) return `list${of}, ${minItems} long`;
  const least = minItems === undefined || minItems === 0 ? '' : `, at least ${minItems}`;
  return `list${of}${least}${maxItems === undefined ? '' : `, at most ${maxItems}`}`;
}

function describeObject({ properties, patternProperties, additionalProperties }: Schema): string {
  if (properties !== undefined && Object.keys(properties).length > 0)
    return `mapping with ${Object.keys(properties).join(', ')}`;
  const values = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
  return typeof values === 'object' ? `mapping of names to ${describeSchema(values)}` : 'mapping';
}

function describeString({ path, pattern, minLength, maxLength }: Schema): string {
  const noun = path === true ? 'path' : 'text';
  const least =
    minLength === undefined || minLength === 0
      ? ''
      : minLength === 1
        ? ', not empty'
        : ` of at least ${minLength} characters`;
  const most = maxLength === undefined ? '' : `, at most ${maxLength} characters`;
  return `${noun}${least}${most}${formOf(pattern)}`;
}

/** A short pattern is shown; a long one helps nobody. */
function formOf(pattern: string | undefined): string {
  if (pattern === undefined) return '';
  return pattern.length <= 40 ? ` like ${pattern}` : ' of a certain form';
}
