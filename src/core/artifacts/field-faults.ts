import { Errors } from 'typebox/schema';
import { describeSchema } from '../describe-schema.ts';
import type { Schema } from '../json-schema.ts';
import { shown } from '../shown.ts';
import { thrownMessage } from '../thrown.ts';
import { fieldsOf, type Artifact } from './definition.ts';
import { isWithin, namedFiles, type RecordedKind } from './named-files.ts';

type FieldError = ReturnType<typeof Errors>[1][number];

/**
 * Violations of the kind's schema by an artifact's fields: `count is "3"; expected integer ≥ 1`. The schema may come from a
 * record, so it is untrusted: interpreted, never compiled. @throws Error for an invalid schema.
 */
export function fieldFaults(schema: Schema, artifact: Artifact): readonly string[] {
  const fields = fieldsOf(artifact);
  const [isRight, errors] = Errors(schema, fields);
  if (isRight) return [];
  // An error of a union says more than those of its branches.
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const isInner = ({ schemaPath }: FieldError) =>
    unions.some(union => schemaPath.startsWith(`${union.schemaPath}/${union.keyword}/`));
  return errors.filter(error => !isInner(error)).flatMap(error => faultsOf(error, schema, fields));
}

/** The same, with file names that lead out of the artifact's folder. */
export function artifactFieldFaults(
  { schema, files }: Pick<RecordedKind, 'schema' | 'files'>,
  artifact: Artifact,
): readonly string[] {
  const faults = fieldFaults(schema, artifact);
  if (faults.length > 0) return faults;
  return namedFiles({ schema, files }, artifact)
    .filter(({ path }) => !isWithin(path))
    .map(({ field, path }) => `${field} is ${shown(path)}; expected a path within its folder`);
}

/** The same for a kind from a record, which is untrusted: an invalid schema is a fault as well. */
export function recordedFaults(kind: RecordedKind, artifact: Artifact): readonly string[] {
  try {
    return artifactFieldFaults(kind, artifact);
  } catch (error) {
    return [`its recorded schema is invalid: ${thrownMessage(error)}`];
  }
}

function faultsOf(error: FieldError, root: Schema, fields: object): readonly string[] {
  const { instancePath, schemaPath } = error;
  const schema = valueAt(root, schemaPath) as Schema;
  if (error.keyword === 'required')
    return error.params.requiredProperties.map(name => {
      const wanted = schema.properties?.[name];
      const expected = wanted === undefined ? '' : `; expected ${describeSchema(wanted)}`;
      return `${fieldName(instancePath, name)} is missing${expected}`;
    });
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys(schema.properties ?? {}).join(', ');
    const expected = known === '' ? 'none' : `one of ${known}`;
    return error.params.additionalProperties.map(
      name => `${fieldName(instancePath, name)} is no field of its kind; expected ${expected}`,
    );
  }
  // An unknown field, which additionalProperties above reports.
  if (error.keyword === 'boolean') return [];
  const found = `${fieldName(instancePath)} is ${shown(valueAt(fields, instancePath))}`;
  return [
    error.keyword === '~refine'
      ? `${found}: ${error.params.message}`
      : `${found}; expected ${describeSchema(schema)}`,
  ];
}

const partsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const valueAt = (value: unknown, pointer: string): unknown =>
  partsOf(pointer).reduce(
    (inner: unknown, part) => (inner as Readonly<Record<string, unknown>> | undefined)?.[part],
    value,
  );

/** `frames[0].file` for `/frames/0/file`. */
function fieldName(pointer: string, field?: string): string {
  const names = [...partsOf(pointer), ...(field === undefined ? [] : [field])];
  const path = names.map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
  return path === '' ? 'it' : path.replace(/^\./, '');
}
