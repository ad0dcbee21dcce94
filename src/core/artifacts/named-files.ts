import type { Schema } from '../json-schema.ts';

/** The part of a kind's declaration that JSON can hold. Records keep it for outputs of a user's own kinds. */
export interface RecordedKind {
  readonly schema: Schema;
  readonly files: readonly string[];
  readonly provenance: readonly string[];
}

export interface NamedFile {
  /** The field that names it: `frames[0].file`. */
  readonly field: string;
  /** Relative to the artifact's folder; unchecked, so any value in an artifact from elsewhere. */
  readonly path: unknown;
}

/** The files that an artifact names, whatever its fields hold. An absent optional field names none. */
export function namedFiles(
  { schema, files }: Pick<RecordedKind, 'schema' | 'files'>,
  artifact: object,
): NamedFile[] {
  return files.flatMap(place => {
    const [field = '', ...inner] = place.split('/');
    return valuesAt({ at: '', value: artifact, schema }, field.match(/[^.[\]]+|\[\]/g) ?? []).map(
      ({ at, value }) => ({
        field: at,
        path: inner.length === 0 || typeof value !== 'string' ? value : [value, ...inner].join('/'),
      }),
    );
  });
}

interface Found {
  readonly at: string;
  readonly value: unknown;
  readonly schema: Schema | undefined;
}

/** @param steps Names of fields, and `[]` for each item of a list. */
function valuesAt(found: Found, [step, ...rest]: readonly string[]): readonly Found[] {
  if (step === undefined) return [found];
  const { at, value, schema } = found;
  if (step === '[]') {
    if (!Array.isArray(value)) return [found];
    const items = schema?.items as Schema | undefined;
    return value.flatMap((item: unknown, index) =>
      valuesAt({ at: `${at}[${index}]`, value: item, schema: items }, rest),
    );
  }
  const inner = (value as Readonly<Record<string, unknown>> | null | undefined)?.[step];
  if (inner === undefined && schema?.required?.includes(step) !== true) return [];
  const next = { at: at === '' ? step : `${at}.${step}`, value: inner, schema: schema?.properties?.[step] };
  return valuesAt(next, rest);
}

/** True for a relative path that does not lead out of its folder, as written: links are not resolved. */
export function isWithin(name: unknown): name is string {
  if (typeof name !== 'string' || name.includes('\0') || /^([/\\]|[a-z]:)/i.test(name)) return false;
  let depth = 0;
  for (const part of name.split(/[/\\]/)) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}
