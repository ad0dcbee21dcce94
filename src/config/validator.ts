import { Ajv } from 'ajv';
import type { Schema } from '../core/json-schema.ts';

/** A mistake in a value, as ajv reports it with `verbose`. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer of the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** The schema that has the keyword. */
  readonly parentSchema?: Schema;
  readonly data?: unknown;
}

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  useDefaults: true,
  discriminator: true,
  // The annotations are pipe's own, and the schemas come from TypeBox: their form is not checked at every start.
  strict: false,
  strictNumbers: true,
  validateSchema: false,
  meta: false,
  addUsedSchema: false,
  logger: false,
  // Each schema checks one value: optimizing its code costs more than it saves.
  code: { optimize: false },
});

/**
 * Checks a value and fills in its defaults, in place.
 * @throws Error when the schema itself is wrong.
 */
export function check(schema: Schema, value: unknown): readonly SchemaError[] {
  try {
    const validate = ajv.compile(schema);
    return validate(value) ? [] : ((validate.errors ?? []) as readonly SchemaError[]);
  } finally {
    // A long-running process would collect schemas with each reading of a pipeline.
    ajv.removeSchema(schema);
  }
}
