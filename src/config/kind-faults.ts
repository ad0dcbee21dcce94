/** Faults in the definition of a kind of artifact by a stage's file. */
import { BUILT_IN_KINDS, isBuiltIn } from '../core/artifacts/built-in.ts';
import { fieldFaults } from '../core/artifacts/field-faults.ts';
import type { Schema } from '../core/json-schema.ts';
import { isPlainObject, shown } from '../core/shown.ts';
import { thrownMessage } from '../core/thrown.ts';
import { oneOf } from './problems.ts';
import type { Fault } from './stage-fault.ts';

type Fields = Readonly<Record<string, unknown>>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** True for a value that is meant as a result of `defineArtifact`, valid or not. */
export const isDefinition = (value: unknown): value is Fields => isPlainObject(value) && 'schema' in value;

/** Faults of a definition. @param path The port's, such as `['outputs', 'embedding']`. */
export function kindFaults(definition: Fields, path: readonly string[]): readonly Fault[] {
  const { kind, description, schema, files, provenance, check } = definition;
  const at = path.join('.');
  const fault = (message: string, details: Partial<Fault> = {}): Fault => ({
    path,
    message: `${at}: ${message}`,
    ...details,
  });
  const named = nameFaults(kind).map(([message, details]) => fault(message, details));
  const wrongSchema = schemaFault(schema);
  if (wrongSchema !== undefined) return [...named, fault(wrongSchema, { found: shown(schema) })];
  const properties = (schema as Schema).properties ?? {};
  return [
    ...named,
    ...(description === undefined || typeof description === 'string'
      ? []
      : [fault('the description of a kind must be a text', { found: shown(description) })]),
    ...namesFaults(files, 'files', name => isFilePlace(schema as Schema, name)).map(message =>
      fault(message),
    ),
    ...namesFaults(provenance, 'provenance', name => Object.hasOwn(properties, name)).map(message =>
      fault(message),
    ),
    ...(check === undefined || typeof check === 'function'
      ? []
      : [fault('the check of a kind must be a function', { found: shown(check) })]),
  ];
}

function nameFaults(kind: unknown): readonly (readonly [string, Partial<Fault>])[] {
  if (typeof kind !== 'string' || !NAME.test(kind))
    return [
      [
        'a kind of artifact has a name of lower-case words joined by hyphens',
        { expected: `defineArtifact('word-list', …)`, found: shown(kind) },
      ],
    ];
  if (!isBuiltIn(kind)) return [];
  const expected = `another name than ${oneOf(Object.keys(BUILT_IN_KINDS))}`;
  return [[`"${kind}" is a kind of pipe’s own`, { expected, found: shown(kind) }]];
}

function schemaFault(schema: unknown): string | undefined {
  const expected = 'the schema of a kind must be a Type.Object({ … })';
  if (!isPlainObject(schema) || schema['type'] !== 'object') return expected;
  const taken = ['kind', 'dir'].find(name => Object.hasOwn(schema['properties'] ?? {}, name));
  if (taken !== undefined) return `the schema of a kind has no "${taken}", which every artifact has`;
  try {
    fieldFaults(schema, { kind: '', dir: '' });
    return undefined;
  } catch (error) {
    return `the schema of a kind is invalid: ${thrownMessage(error)}`;
  }
}

function namesFaults(names: unknown, field: string, isRight: (name: string) => boolean): readonly string[] {
  if (!Array.isArray(names) || !names.every(name => typeof name === 'string'))
    return [`the ${field} of a kind must be a list of its fields, and are ${shown(names)}`];
  return (names as readonly string[])
    .filter(name => !isRight(name))
    .map(name => `the ${field} of a kind must be fields of its schema, and "${name}" is none`);
}

/** True if a place such as `frames[].file` holds a text. */
function isFilePlace(schema: Schema, place: string): boolean {
  const steps = place.split('/')[0]?.match(/[^.[\]]+|\[\]/g) ?? [];
  const found = steps.reduce(
    (inner: Schema | undefined, step) =>
      step === '[]' ? (inner?.items as Schema | undefined) : inner?.properties?.[step],
    schema,
  );
  return found?.type === 'string';
}
