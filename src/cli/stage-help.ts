import { describeSchema } from '../config/describe-schema.ts';
import { isList, type Schema } from '../config/json-schema.ts';
import { defaultOf } from '../config/param-schema.ts';
import { printable } from '../core/printable.ts';
import type { AnyStage, MetricDeclaration, Ports } from '../core/stage.ts';
import { alignColumns } from './align-columns.ts';

/** What is known of a stage without running it, for `pipe stages --json`. */
export interface StageDocument {
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly inputs: Ports;
  readonly outputs: Ports;
  readonly metrics: Readonly<Record<string, MetricDeclaration>>;
  readonly parameters: readonly ParameterDocument[];
}

interface ParameterDocument {
  /** Dotted: `sample.every`; what lists hold is `layers[].units`. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly description: string;
}

export function stageDocument(stage: AnyStage): StageDocument {
  const { name, version, summary, metrics = {} } = stage;
  return {
    name,
    version,
    summary,
    inputs: stage.inputs as Ports,
    outputs: stage.outputs as Ports,
    metrics,
    parameters: parametersOf(stage.params as Schema, ''),
  };
}

function parametersOf(schema: Schema, prefix: string): readonly ParameterDocument[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const name = prefix + key;
    const own: ParameterDocument = {
      name,
      type: describeSchema(property),
      required: (schema.required ?? []).includes(key) && defaultOf(property) === undefined,
      ...(property.default !== undefined && { default: property.default }),
      description: property.description ?? '',
    };
    return [own, ...partsOf(property, name)];
  });
}

function partsOf(schema: Schema, name: string): readonly ParameterDocument[] {
  const { items, anyOf = [] } = schema;
  const inItems = items === undefined || isList(items) ? [] : partsOf(items, `${name}[]`);
  return [...parametersOf(schema, `${name}.`), ...inItems, ...anyOf.flatMap(branch => partsOf(branch, name))];
}

/** A stage on a page of text. */
export function describeStage(stage: AnyStage): string {
  const { name, summary, inputs, outputs, metrics, parameters } = stageDocument(stage);
  const sections = [
    section('inputs', portLines(inputs)),
    section('outputs', portLines(outputs)),
    section('metrics', metricLines(metrics)),
    section('parameters', parameterLines(parameters)),
  ];
  return `${printable(name)}: ${printable(summary)}\n${sections.join('')}`;
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n${title}\n${lines.map(line => `  ${line}\n`).join('')}`;

/** Aligned rows, each with its description under it. */
function described(rows: readonly (readonly string[])[], descriptions: readonly string[]): readonly string[] {
  const lines = alignColumns(rows.map(row => row.map(printable))).split('\n');
  return descriptions.flatMap((description, index) => [
    lines[index] ?? '',
    ...(description === '' ? [] : [`    ${printable(description)}`]),
  ]);
}

function portLines(ports: Ports): readonly string[] {
  const entries = Object.entries(ports);
  return described(
    entries.map(([name, { kind, optional }]) => [name, kind, optional === true ? 'optional' : '']),
    entries.map(([, { description }]) => description),
  );
}

const DIRECTIONS = { min: 'lower is better', max: 'higher is better', none: 'no direction is better' };

function metricLines(metrics: StageDocument['metrics']): readonly string[] {
  const entries = Object.entries(metrics);
  return described(
    entries.map(([name, { direction, unit }]) => [name, unit ?? '', DIRECTIONS[direction]]),
    entries.map(([, { description }]) => description),
  );
}

function parameterLines(parameters: readonly ParameterDocument[]): readonly string[] {
  return described(
    parameters.map(parameter => [parameter.name, parameter.type, defaultText(parameter)]),
    parameters.map(({ description }) => description),
  );
}

function defaultText(parameter: ParameterDocument): string {
  if (parameter.default !== undefined) return `default ${JSON.stringify(parameter.default)}`;
  return parameter.required ? 'required' : 'optional';
}
