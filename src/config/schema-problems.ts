import type { Problem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import { describeSchema } from '../core/describe-schema.ts';
import { find, type Node, type Path } from './node.ts';
import { describeValue, oneOf, problemAt } from './problems.ts';
import { dashHint, shapeHint } from './shape-hint.ts';
import { COMMAND_LINE, type Span } from './source.ts';
import type { SchemaError } from './validator.ts';

/** The checked object, for messages. */
export interface Subject {
  /** `parameter`, or `key`. */
  readonly noun: string;
  /** ` of stage "train"`, or nothing. */
  readonly owner: string;
  /** The checked node, and the place for missing keys of its root. */
  readonly node: Node;
  readonly at: Span;
  /** Values that have a problem already. */
  readonly unresolved: ReadonlySet<Node>;
}

/** Turns ajv's errors into located problems; repeated errors are left out. */
export function schemaProblems(errors: readonly SchemaError[], subject: Subject): readonly Problem[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ schemaPath }) => schemaPath);
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return errors
    .filter(({ schemaPath }) => !unions.some(union => schemaPath.startsWith(`${union}/`)))
    .filter(({ instancePath, keyword }) => !(RANGE.test(keyword) && mistyped.has(instancePath)))
    .filter(
      ({ instancePath }) => !subject.unresolved.has(find(subject.node, parsePointer(instancePath)).value),
    )
    .flatMap(error => toProblem(error, subject) ?? []);
}

function toProblem(error: SchemaError, subject: Subject): Problem | undefined {
  const path = parsePointer(error.instancePath);
  const { params, parentSchema } = error;
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'additionalProperties':
      return unknownName(path, String(params['additionalProperty']), error, subject);
    case 'required':
      return parentSchema?.discriminator?.propertyName === params['missingProperty']
        ? undefined
        : missing(path, String(params['missingProperty']), error, subject);
    case 'discriminator':
      return wrongTag(path, error, subject);
    default: {
      const { code, expected } = explain(error);
      const written = find(subject.node, path).value;
      const found = asWritten(written) ?? lengthOf(error) ?? describeValue(error.data);
      const literals = parentSchema?.enum?.filter(value => typeof value === 'string');
      const suggestion =
        typeof error.data === 'string' && literals ? nearest(error.data, literals) : undefined;
      const text = `${subject.noun} "${dotted(path)}"${subject.owner} ${COMPLAINTS[code]}`;
      const span = spanOf(path, subject);
      const inLine = span.source.name === COMMAND_LINE;
      const hint = code === 'wrong-type' ? shapeHint(parentSchema, error.data, inLine) : undefined;
      return problemAt(span, code, text, {
        expected,
        found,
        suggestion,
        ...(hint !== undefined && { hint }),
      });
    }
  }
}

const COMPLAINTS = {
  'wrong-type': 'has the wrong type',
  'out-of-range': 'is out of range',
  'unknown-value': 'has an unknown value',
  'wrong-value': 'has a wrong value',
};

const RANGE = /^(exclusive)?(minimum|maximum)$|^(min|max)(Length|Items|Properties)$/i;

function explain({ keyword, parentSchema, message }: SchemaError): {
  readonly code: keyof typeof COMPLAINTS;
  readonly expected: string;
} {
  const expected = parentSchema ? describeSchema(parentSchema) : (message ?? 'another value');
  if (keyword === 'type' || keyword === 'anyOf') return { code: 'wrong-type', expected };
  if (keyword === 'enum' || keyword === 'const') return { code: 'unknown-value', expected };
  if (RANGE.test(keyword)) return { code: 'out-of-range', expected };
  return { code: 'wrong-value', expected: KNOWN.has(keyword) ? expected : (message ?? expected) };
}

/** Keywords that the description of a schema covers. */
const KNOWN = new Set(['pattern', 'multipleOf']);

/** A secret's reference, or a number as written. */
function asWritten(node: Node): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  return node.reference ?? (Number.isFinite(node.value) ? node.text : undefined);
}

function lengthOf({ keyword, data }: SchemaError): string | undefined {
  if (!Array.isArray(data) || !/Items$/.test(keyword)) return undefined;
  return data.length === 1 ? '1 item' : `${data.length} items`;
}

function unknownName(path: Path, name: string, { parentSchema }: SchemaError, subject: Subject): Problem {
  const known = Object.keys(parentSchema?.properties ?? {});
  const { key, value } = find(subject.node, [...path, name]);
  const text = `unknown ${subject.noun} "${dotted([...path, name])}"${subject.owner}`;
  return problemAt(key ?? value.span, `unknown-${subject.noun}`, text, {
    expected: known.length === 0 ? `no ${subject.noun}: there are none` : oneOf(known),
    suggestion: nearest(name, known),
    ...(name.startsWith('-') && { hint: dashHint(name) }),
  });
}

function missing(path: Path, name: string, { parentSchema }: SchemaError, subject: Subject): Problem {
  const schema = parentSchema?.properties?.[name];
  const text = `missing ${subject.noun} "${dotted([...path, name])}"${subject.owner}`;
  return problemAt(spanOf(path, subject), `missing-${subject.noun}`, text, {
    ...(schema && { expected: describeSchema(schema) }),
    ...(schema?.description !== undefined && { hint: schema.description }),
  });
}

/** The problem of a missing or unknown tag of a choice, such as the `use` of a layer. */
function wrongTag(path: Path, { params, parentSchema, data }: SchemaError, subject: Subject): Problem {
  const tag = String(params['tag']);
  const known = (parentSchema?.oneOf ?? []).flatMap(branch => {
    const schema = branch.properties?.[tag];
    return (schema?.enum ?? [schema?.const]).map(String);
  });
  const value =
    typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[tag] : undefined;
  const full = dotted([...path, tag]);
  const expected = oneOf(known);
  if (value === undefined)
    return problemAt(
      spanOf(path, subject),
      `missing-${subject.noun}`,
      `missing ${subject.noun} "${full}"${subject.owner}`,
      { expected },
    );
  return problemAt(
    spanOf([...path, tag], subject),
    'unknown-value',
    `${subject.noun} "${full}"${subject.owner} has an unknown value`,
    {
      expected,
      found: describeValue(value),
      suggestion: typeof value === 'string' ? nearest(value, known) : undefined,
    },
  );
}

/** The place of a value, or else the key of the deepest existing thing around it. */
export function spanOf(path: Path, subject: Pick<Subject, 'node' | 'at'>): Span {
  const { key, value, complete } = find(subject.node, path);
  if (complete && value.kind === 'scalar' && value.span.end > value.span.start) return value.span;
  // Content of an included file is shown there, not where the file is named.
  if (key !== undefined && key.source !== value.span.source) return value.span;
  if (key !== undefined) return key;
  return path.length === 0 || value === subject.node ? subject.at : value.span;
}

/** `sample.every`, `generator.layers[3].units`. */
function dotted(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

export function parsePointer(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}
