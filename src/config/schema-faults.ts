import { NotPlain, plainCopy } from '../core/plain-json.ts';
import { shown } from '../core/shown.ts';
import { describeSchema } from '../core/describe-schema.ts';
import { branchesOf, type Schema } from '../core/json-schema.ts';
import { checkedSchema } from './param-schema.ts';
import type { Fault } from './stage-fault.ts';
import { check } from './validator.ts';

/** Faults of a stage's parameter schema: of the schema itself, or else of its defaults. */
export function schemaFaults(params: Schema, path: readonly string[]): readonly Fault[] {
  const unwritable = defaultsOf(params, path).flatMap(unwritableFault);
  if (unwritable.length > 0) return unwritable;
  try {
    check(checkedSchema(params, {}), {});
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [{ path, message: `params are not a valid schema: ${error.message}` }];
  }
  return defaultsOf(params, path).flatMap(refusedFault);
}

/** A parameter that has a default. */
interface WithDefault {
  readonly path: readonly string[];
  readonly schema: Schema;
}

function defaultsOf(schema: Schema, path: readonly string[]): readonly WithDefault[] {
  const own = schema.default === undefined ? [] : [{ path, schema }];
  const inner = branchesOf(schema).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, property]) => defaultsOf(property, [...path, name])),
  );
  return [...own, ...inner];
}

const nameOf = (path: readonly string[]): string => path.slice(1).join('.');

/** Faults of a default that cannot be recorded: records are YAML and JSON. */
function unwritableFault({ path, schema }: WithDefault): readonly Fault[] {
  const fault = (message: string, details: Partial<Fault> = {}) => [{ path, message, ...details }];
  const subject = `the default of parameter "${nameOf(path)}"`;
  try {
    const value = plainCopy(schema.default, subject);
    return JSON.stringify(value).includes('\\u0000') ? fault(`${subject} has a NUL character`) : [];
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error;
    return fault(error.message);
  }
}

function refusedFault({ path, schema }: WithDefault): readonly Fault[] {
  const value = structuredClone(schema.default);
  if (check(checkedSchema(schema, value), value).length === 0) return [];
  return [
    {
      path,
      message: `the default of parameter "${nameOf(path)}" is not what the parameter may be`,
      expected: describeSchema(schema),
      found:
        typeof schema.default === 'object'
          ? JSON.stringify(schema.default).slice(0, 60)
          : shown(schema.default),
    },
  ];
}
