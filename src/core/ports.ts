import { definitionOf, isBuiltIn, type ArtifactOf, type KindReference } from './artifacts/built-in.ts';
import type { ArtifactDefinition } from './artifacts/definition.ts';
import type { RecordedKind } from './artifacts/named-files.ts';
import type { OutlineOf } from './outline.ts';

/** An input or output of a stage. */
export interface Port<K extends KindReference = KindReference> {
  /** The name of a built-in kind, or the definition of another. */
  readonly kind: K;
  readonly description: string;
  /** True for an input that is bound when an earlier stage has one, and left out otherwise. */
  readonly optional?: boolean;
  /** True for an input that is bound to an output of its own name alone, unless the pipeline names another. */
  readonly byName?: boolean;
  /** True for an output that the stage's `omits` may leave out: parameters decide whether it is there. */
  readonly omittable?: boolean;
}

/** Ports by name. A definition is short for a port with the description of its kind: `{ embedding }`. */
export type Ports = Readonly<Record<string, Port | ArtifactDefinition>>;

type ArtifactOfPort<P> = P extends ArtifactDefinition
  ? ArtifactOf<P>
  : P extends { readonly kind: infer K extends KindReference }
    ? ArtifactOf<K>
    : never;

export type InputsOf<I extends Ports> = {
  readonly [N in keyof I]: I[N] extends { optional: true }
    ? ArtifactOfPort<I[N]> | undefined
    : ArtifactOfPort<I[N]>;
};

type IsOmittable<P> = P extends { omittable: true } ? true : false;

/** An output that is left out may be absent or undefined. */
export type OutputsOf<O extends Ports> = {
  readonly [N in keyof O as IsOmittable<O[N]> extends true ? never : N]: ArtifactOfPort<O[N]>;
} & {
  readonly [N in keyof O as IsOmittable<O[N]> extends true ? N : never]?: ArtifactOfPort<O[N]> | undefined;
};

/** Outlines by input or output: empty for one that is not known, undefined for an optional one that is not bound. */
export type OutlinesOf<I extends Ports> = {
  readonly [N in keyof I]: I[N] extends { optional: true }
    ? OutlineOf<I[N]['kind']> | undefined
    : OutlineOf<I[N]['kind']>;
};

/** A port with everything that its declaration leaves to the kind. */
export interface CompletePort {
  /** The kind's name. */
  readonly kind: string;
  readonly definition: ArtifactDefinition;
  readonly description: string;
  readonly optional: boolean;
  readonly byName: boolean;
  readonly omittable: boolean;
}

export type CompletePorts = Readonly<Record<string, CompletePort>>;

/** The inputs or outputs that a stage declares. */
export const portsOf = (declared: Ports): CompletePorts =>
  Object.fromEntries(Object.entries(declared).map(([name, port]) => [name, completePort(port)]));

function completePort(port: Port | ArtifactDefinition): CompletePort {
  const definition = definitionOf(isDefinition(port) ? (port satisfies KindReference) : port.kind);
  const {
    optional = false,
    byName = false,
    omittable = false,
  }: Partial<Port> = isDefinition(port) ? {} : port;
  const { description = '' } = port;
  return { kind: definition.kind, definition, description, optional, byName, omittable };
}

const isDefinition = (port: Port | ArtifactDefinition): port is ArtifactDefinition => 'schema' in port;

/** Declarations of the user's own kinds, by name, for the record. */
export function recordedKinds(ports: CompletePorts): Readonly<Record<string, RecordedKind>> {
  const own = Object.values(ports).filter(({ kind }) => !isBuiltIn(kind));
  return Object.fromEntries(own.map(({ kind, definition }) => [kind, recordedKind(definition)]));
}

const recordedKind = ({ schema, files, provenance }: ArtifactDefinition): RecordedKind =>
  JSON.parse(JSON.stringify({ schema, files, provenance })) as RecordedKind;
