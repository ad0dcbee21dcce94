import { printable } from '../core/printable.ts';
import type { AnyStage } from '../core/stage.ts';
import { alignColumns } from '../core/align-columns.ts';
import {
  stageDocument,
  type ChoiceDocument,
  type KindDocument,
  type ParameterDocument,
  type StageDocument,
} from './stage-document.ts';

/** Help text of a stage: inputs, outputs, metrics, and every parameter. */
export function describeStage(stage: AnyStage): string {
  const { name, summary, inputs, outputs, kinds, metrics, parameters, choices } = stageDocument(stage);
  const sections = [
    section('inputs', portLines(inputs)),
    section('outputs', portLines(outputs)),
    section('metrics', metricLines(metrics)),
    section('parameters', parameterLines(parameters)),
    ...Object.entries(kinds).map(([kind, document]) =>
      section(kindTitle(kind, document), kindLines(document)),
    ),
    ...choices.map(choice => section(`${choice.tag} in ${choice.places.join(', ')}`, choiceLines(choice))),
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

function portLines(ports: StageDocument['inputs']): readonly string[] {
  const entries = Object.entries(ports);
  return described(
    entries.map(([name, { kind, optional }]) => [name, kind, optional === true ? 'optional' : '']),
    entries.map(([, { description }]) => description),
  );
}

const kindTitle = (kind: string, { description }: KindDocument): string =>
  printable(description === '' ? kind : `${kind}: ${description}`);

function kindLines({ fields, files }: KindDocument): readonly string[] {
  // `generator/model.json` is named by the field `generator`, `shards[]` by the field `shards`.
  const named = new Set(files.map(place => place.replace(/\/.*$/, '').replace(/\[\]$/, '')));
  return described(
    fields.map(field => [
      field.name,
      field.type,
      named.has(field.name) ? 'file' : field.required ? '' : 'optional',
    ]),
    fields.map(({ description }) => description),
  );
}

const DIRECTIONS = { min: 'lower is better', max: 'higher is better', none: '' };

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

/** An option and its description, then its parameters, indented. */
function choiceLines({ options }: ChoiceDocument): readonly string[] {
  return options.flatMap(({ name, description, parameters }) => [
    printable(`${name}: ${description}`),
    ...alignColumns(
      parameters.map(parameter => [parameter.name, parameter.type, defaultText(parameter)].map(printable)),
    )
      .split('\n')
      .filter(line => line !== '')
      .map(line => `    ${line}`),
  ]);
}

function defaultText(parameter: ParameterDocument): string {
  if (parameter.default !== undefined) return `default ${JSON.stringify(parameter.default)}`;
  return parameter.required ? 'required' : 'optional';
}
