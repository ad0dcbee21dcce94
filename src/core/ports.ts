import { definitionOf, isBuiltIn, type KindReference } from './artifacts/built-in.ts';
import type { ArtifactDefinition } from './artifacts/definition.ts';
import type { RecordedKind } from './artifacts/named-files.ts';
import type { Port, Ports } from './stage.ts';

/** A port with everything that its declaration leaves to the kind. */
export interface CompletePort {
  /** The kind's name. */
  readonly kind: string;
  readonly definition: ArtifactDefinition;
  readonly description: string;
  readonly optional: boolean;
  readonly byName: boolean;
}

export type CompletePorts = Readonly<Record<string, CompletePort>>;

/** The inputs or outputs that a stage declares. */
export const portsOf = (declared: Ports): CompletePorts =>
  Object.fromEntries(Object.entries(declared).map(([name, port]) => [name, completePort(port)]));

function completePort(port: Port | ArtifactDefinition): CompletePort {
  const { reference, description, optional, byName } = isDefinition(port)
    ? {
        reference: port satisfies KindReference,
        description: port.description,
        optional: false,
        byName: false,
      }
    : {
        reference: port.kind,
        description: port.description,
        optional: port.optional === true,
        byName: port.byName === true,
      };
  const definition = definitionOf(reference);
  return { kind: definition.kind, definition, description: description ?? '', optional, byName };
}

const isDefinition = (port: Port | ArtifactDefinition): port is ArtifactDefinition => 'schema' in port;

/** Declarations of the user's own kinds, by name, for the record. */
export function recordedKinds(ports: CompletePorts): Readonly<Record<string, RecordedKind>> {
  const own = Object.values(ports).filter(({ kind }) => !isBuiltIn(kind));
  return Object.fromEntries(own.map(({ kind, definition }) => [kind, recordedKind(definition)]));
}

const recordedKind = ({ schema, files, provenance }: ArtifactDefinition): RecordedKind =>
  JSON.parse(JSON.stringify({ schema, files, provenance })) as RecordedKind;
