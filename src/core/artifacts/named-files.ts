import type { Schema } from '../json-schema.ts';

/** The declaration of a kind as far as JSON holds it. A record keeps that of a user's own kind beside what was written by it. */
export interface RecordedKind {
  readonly schema: Schema;
  readonly files: readonly string[];
  readonly provenance: readonly string[];
}

export interface NamedFile {
  /** The field that names it: `frames[0].file`. */
  readonly field: string;
  /** Relative to the artifact's folder; anything at all in an artifact that comes from elsewhere. */
  readonly path: unknown;
}

/** The files that an artifact names, in whatever its fields hold. A field that may be absent, and is, names none. */
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

/** True for a path within a folder, relative: it does not lead out of it, as written. */
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
