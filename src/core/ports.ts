import { definitionOf, type KindReference } from './artifacts/built-in.ts';
import type { ArtifactDefinition } from './artifacts/definition.ts';
import type { Port, Ports } from './stage.ts';

/** A port with everything that its declaration leaves to the kind. */
export interface CompletePort {
  /** The kind's name. */
  readonly kind: string;
  readonly definition: ArtifactDefinition;
  readonly description: string;
  readonly optional: boolean;
}

export type CompletePorts = Readonly<Record<string, CompletePort>>;

/** The inputs or outputs that a stage declares. */
export const portsOf = (declared: Ports): CompletePorts =>
  Object.fromEntries(Object.entries(declared).map(([name, port]) => [name, completePort(port)]));

function completePort(port: Port | ArtifactDefinition): CompletePort {
  const { reference, description, optional } = isDefinition(port)
    ? { reference: port satisfies KindReference, description: port.description, optional: false }
    : { reference: port.kind, description: port.description, optional: port.optional === true };
  const definition = definitionOf(reference);
  return { kind: definition.kind, definition, description: description ?? '', optional };
}

const isDefinition = (port: Port | ArtifactDefinition): port is ArtifactDefinition => 'schema' in port;
