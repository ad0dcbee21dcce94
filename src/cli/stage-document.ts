import { describeSchema } from '../core/describe-schema.ts';
import { isList, type Schema } from '../core/json-schema.ts';
import { defaultOf } from '../config/param-schema.ts';
import { isBuiltIn } from '../core/artifacts/built-in.ts';
import { portsOf, type CompletePort, type Ports } from '../core/ports.ts';
import type { AnyStage, MetricDeclaration } from '../core/stage.ts';

/** Description of a stage, for `pipe stages`. */
export interface StageDocument {
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly inputs: Readonly<Record<string, PortDocument>>;
  readonly outputs: Readonly<Record<string, PortDocument>>;
  /** The user's own kinds among its inputs and outputs, by name. */
  readonly kinds: Readonly<Record<string, KindDocument>>;
  readonly metrics: Readonly<Record<string, MetricDeclaration>>;
  readonly parameters: readonly ParameterDocument[];
  readonly choices: readonly ChoiceDocument[];
}

interface PortDocument extends Pick<CompletePort, 'kind' | 'description'> {
  readonly optional?: true;
}

/** A kind of artifact of the user's. */
export interface KindDocument {
  readonly description: string;
  readonly fields: readonly ParameterDocument[];
  /** Places among the fields that name files: `shards[]`. */
  readonly files: readonly string[];
}

export interface ParameterDocument {
  /** Dotted: `sample.every`; fields of list items are `layers[].units`. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly description: string;
}

/** A parameter that takes one of several kinds of mapping, told apart by a tag, such as the layers of a network. */
export interface ChoiceDocument {
  /** Every place that has this choice. */
  readonly places: readonly string[];
  readonly tag: string;
  readonly options: readonly {
    /** The value of the tag; several, separated by commas, for those that take the same. */
    readonly name: string;
    readonly description: string;
    readonly parameters: readonly ParameterDocument[];
  }[];
}

export function stageDocument(stage: AnyStage): StageDocument {
  const { name, version, summary, metrics = {} } = stage;
  const params = stage.params as Schema;
  const [inputs, outputs] = [portsOf(stage.inputs as Ports), portsOf(stage.outputs as Ports)];
  return {
    name,
    version,
    summary,
    inputs: mapValues(inputs, portDocument),
    outputs: mapValues(outputs, portDocument),
    kinds: kindsOf([...Object.values(inputs), ...Object.values(outputs)]),
    metrics,
    parameters: parametersOf(params, ''),
    choices: choicesOf(params),
  };
}

const mapValues = <T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const portDocument = ({ kind, description, optional }: CompletePort): PortDocument => ({
  kind,
  description,
  ...(optional && { optional }),
});

function kindsOf(ports: readonly CompletePort[]): StageDocument['kinds'] {
  const own = ports.filter(({ kind }) => !isBuiltIn(kind));
  return Object.fromEntries(
    own.map(({ kind, definition: { description = '', schema, files } }) => [
      kind,
      { description, fields: parametersOf(schema, ''), files },
    ]),
  );
}

function parametersOf(schema: Schema, prefix: string): readonly ParameterDocument[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const name = prefix + key;
    return [
      parameter(schema, key, name),
      ...innerSchemas(property, name).flatMap(([at, inner]) => parametersOf(inner, `${at}.`)),
    ];
  });
}

function parameter(owner: Schema, key: string, name: string): ParameterDocument {
  const schema = owner.properties?.[key] ?? {};
  return {
    name,
    type: describeSchema(schema),
    required: (owner.required ?? []).includes(key) && defaultOf(schema) === undefined,
    ...(schema.default !== undefined && { default: schema.default }),
    description: schema.description ?? '',
  };
}

/** The schema itself, its alternatives and its list items, each with its place. */
function innerSchemas(schema: Schema, at: string): readonly (readonly [string, Schema])[] {
  const { items, anyOf = [] } = schema;
  return [
    [at, schema],
    ...(items === undefined || isList(items) ? [] : innerSchemas(items, `${at}[]`)),
    ...anyOf.flatMap(branch => innerSchemas(branch, at)),
  ];
}

function choicesOf(params: Schema): readonly ChoiceDocument[] {
  const choices = new Map<string, ChoiceDocument>();
  const visit = (schema: Schema, at: string) => {
    for (const [place, inner] of innerSchemas(schema, at)) {
      if (inner.discriminator !== undefined) {
        const key = JSON.stringify(inner);
        const places = new Set([...(choices.get(key)?.places ?? []), place]);
        choices.set(key, { ...choice(inner, inner.discriminator.propertyName), places: [...places] });
      }
      for (const { properties = {} } of [inner, ...(inner.oneOf ?? [])])
        for (const [name, property] of Object.entries(properties))
          visit(property, place === '' ? name : `${place}.${name}`);
    }
  };
  visit(params, '');
  return [...choices.values()];
}

function choice({ oneOf = [] }: Schema, tag: string): Omit<ChoiceDocument, 'places'> {
  const options = oneOf.map(branch => {
    const { [tag]: name, ...properties } = branch.properties ?? {};
    return {
      name: (name?.enum ?? [name?.const]).join(', '),
      description: branch.description ?? '',
      parameters: parametersOf({ ...branch, properties }, ''),
    };
  });
  return { tag, options };
}
