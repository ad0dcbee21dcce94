import { BUILT_IN_KINDS } from '../core/artifacts/built-in.ts';
import { nearest } from '../core/nearest.ts';
import { isPlainObject, shown } from '../core/shown.ts';
import type { Port } from '../core/ports.ts';
import type { MetricDeclaration, Resumable, StageDefinition } from '../core/stage.ts';
import type { Schema } from '../core/json-schema.ts';
import { isDefinition, kindFaults } from './kind-faults.ts';
import { oneOf } from './problems.ts';
import { schemaFaults } from './schema-faults.ts';
import type { Fault } from './stage-fault.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Checks a field of an owner; returns its faults. */
type Rule = (value: unknown, path: readonly string[], owner: Fields) => readonly Fault[];
type Rules<T> = { readonly [K in keyof Required<T>]: Rule };

const expect =
  (isRight: (value: unknown) => boolean, expected: string): Rule =>
  (value, path) =>
    isRight(value) ? [] : [{ path, message: `${path.join('.')} must be ${expected}`, found: shown(value) }];

const optional =
  (rule: Rule): Rule =>
  (value, path, owner) =>
    value === undefined ? [] : rule(value, path, owner);

const isText = (value: unknown) => typeof value === 'string';
const isFunction = (value: unknown) => typeof value === 'function';
const text = expect(isText, 'a text');
const flag = optional(expect(value => typeof value === 'boolean', 'true or false'));
const callable = optional(expect(isFunction, 'a function'));

const oneOfNames =
  (known: readonly string[], noun: string): Rule =>
  (value, path) => {
    if (known.some(each => each === value)) return [];
    const fault = {
      path,
      message: `${path.join('.')} must be ${noun}`,
      expected: oneOf(known),
      found: shown(value),
    };
    return [withSuggestion(fault, value, known)];
  };

function withSuggestion(fault: Fault, value: unknown, known: readonly string[]): Fault {
  const suggestion = typeof value === 'string' ? nearest(value, known) : undefined;
  return suggestion === undefined ? fault : { ...fault, suggestion };
}

/** Faults of every field of a record, unknown fields included. */
function checkFields<T>(owner: Fields, rules: Rules<T>, path: readonly string[] = []): readonly Fault[] {
  const known = Object.keys(rules);
  const unknown = Object.keys(owner)
    .filter(name => !known.includes(name))
    .map(name => {
      const at = [...path, name];
      const fault = { path: at, message: `unknown field "${at.join('.')}"`, expected: oneOf(known) };
      return withSuggestion(fault, name, known);
    });
  // A misspelt field is not reported as missing as well.
  const misspelt = unknown.map(({ suggestion }) => suggestion);
  const wrong = Object.entries<Rule>(rules).flatMap(([name, rule]) =>
    owner[name] === undefined && misspelt.includes(name) ? [] : rule(owner[name], [...path, name], owner),
  );
  return [...unknown, ...wrong];
}

/** A record of declarations by name, such as ports. */
const recordOf =
  <T>(rules: Rules<T>, noun: string): Rule =>
  (value, path) => {
    if (!isPlainObject(value)) return expect(() => false, `a record of ${noun}s`)(value, path, {});
    return Object.entries(value).flatMap(([name, each]) => {
      const at = [...path, name];
      return isPlainObject(each)
        ? checkFields(each, rules, at)
        : expect(() => false, `a ${noun}, such as { ${Object.keys(rules).join(', ')} }`)(each, at, {});
    });
  };

const builtInKind = oneOfNames(Object.keys(BUILT_IN_KINDS), 'a kind of artifact');

const OWN_KIND = 'a kind of your own is given by its definition, which defineArtifact returns';

const kind: Rule = (value, path, owner) =>
  isDefinition(value)
    ? kindFaults(value, path)
    : builtInKind(value, path, owner).map(fault => ({ ...fault, hint: OWN_KIND }));

const portsOf =
  (fields: Rule): Rule =>
  (value, path, owner) => {
    if (!isPlainObject(value)) return fields(value, path, owner);
    const entries = Object.entries(value);
    const others = entries.filter(([, port]) => !isDefinition(port));
    return [
      ...fields(Object.fromEntries(others), path, owner),
      ...entries.flatMap(([name, port]) => (isDefinition(port) ? kindFaults(port, [...path, name]) : [])),
    ];
  };

const common = { kind, description: text };
const inputs = portsOf(
  recordOf<Omit<Port, 'omittable'>>({ ...common, optional: flag, byName: flag }, 'port'),
);
const outputs = portsOf(recordOf<Omit<Port, 'optional' | 'byName'>>({ ...common, omittable: flag }, 'port'));

const metrics = recordOf<MetricDeclaration>(
  {
    description: text,
    direction: oneOfNames(['min', 'max', 'none'], 'a direction'),
    unit: optional(text),
    wallClock: flag,
  },
  'metric',
);

const params: Rule = (value, path) =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'object'
    ? schemaFaults(value as Schema, path)
    : expect(() => false, 'a Type.Object({ … })')(value, path, {});

/** True for a path within the output folder. */
const isInnerPath = (value: unknown) =>
  typeof value === 'string' && value !== '' && !/^[\\/]|(^|[\\/])\.\.([\\/]|$)/.test(value);

const parameterList: Rule = (value, path, { params }) => {
  if (!Array.isArray(value) || !value.every(isText))
    return expect(() => false, 'a list of names of parameters')(value, path, {});
  const known = parameterNames(params);
  return value
    .filter(name => !known.includes(name))
    .map(name => {
      const fault = {
        path,
        message: `${path.join('.')} names no parameter: "${name}"`,
        expected: namesOr(known, 'no parameter'),
      };
      return withSuggestion(fault, name, known);
    });
};

const resumable: Rule = (value, path, owner) => {
  if (!isPlainObject(value)) return parameterList(value, path, owner);
  const names: Rule = (list, at) => parameterList(list, at, owner);
  return checkFields<Resumable<never, never>>(
    value,
    { parameters: names, lengthenedBy: optional(names), pausable: flag, obstacle: callable },
    path,
  );
};

const parameterNames = (params: unknown): readonly string[] =>
  isPlainObject(params) && isPlainObject(params['properties']) ? Object.keys(params['properties']) : [];

const namesOr = (names: readonly string[], otherwise: string) =>
  names.length === 0 ? `${otherwise}: there are none` : oneOf(names);

const reportOnly: Rule = (value, path, owner) =>
  value === true && (owner['alwaysRun'] === undefined || owner['alwaysRun'] === false)
    ? [{ path, message: 'reportOnly is for a stage with alwaysRun: true' }]
    : flag(value, path, owner);

const RULES: Rules<StageDefinition> = {
  name: text,
  version: expect(Number.isSafeInteger, 'an integer'),
  summary: expect(value => typeof value === 'string' && !value.includes('\n'), 'a line of text'),
  params,
  inputs,
  outputs,
  metrics: optional(metrics),
  alwaysRun: optional(
    expect(value => typeof value === 'boolean' || isFunction(value), 'true, false or a function'),
  ),
  reportOnly,
  nondeterministicFiles: optional(
    expect(value => Array.isArray(value) && value.every(isInnerPath), 'a list of paths in the output folder'),
  ),
  cacheKey: callable,
  resumable: optional(resumable),
  check: callable,
  ignores: callable,
  omits: callable,
  borrows: callable,
  outline: callable,
  run: expect(isFunction, 'a function'),
};

/** An object literal or, unlike a port, an instance of a class. */
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of which an attempt at a stage has at least one. */
const TYPICAL: readonly string[] = ['name', 'params', 'inputs', 'outputs', 'run'];

/** All faults of the default export of a stage's file. @param name The file's, without extension. */
export function contractFaults(exported: unknown, name: string): readonly Fault[] {
  if (!isFields(exported) || !TYPICAL.some(field => field in exported))
    return [
      {
        path: [],
        message: 'it exports no stage',
        expected: 'export default defineStage({ name, version, summary, params, inputs, outputs, run })',
        found: exported === undefined ? 'no default export' : `a default export that is ${shown(exported)}`,
      },
    ];
  const faults = checkFields(exported, RULES);
  if (typeof exported['name'] !== 'string' || exported['name'] === name) return faults;
  const found = `name: '${exported['name']}'`;
  return [
    { path: ['name'], message: 'the stage’s name must be the file’s', expected: `name: '${name}'`, found },
    ...faults,
  ];
}
