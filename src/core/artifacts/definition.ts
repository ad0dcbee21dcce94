import type { Static, TObject } from 'typebox';

/** Deeply read-only: artifacts are shared. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/**
 * Fields that all artifacts have. File names in an artifact are relative to its `dir`. In memory `dir` is absolute; on disk the
 * runner stores it relative to the experiment, so that an experiment can be moved or copied as a folder.
 */
export interface Artifact {
  readonly kind: string;
  readonly dir: string;
  /** Fields of the kind. */
  readonly [field: string]: unknown;
}

/** The fields that the schema of an artifact's kind describes. */
export const fieldsOf = (artifact: Artifact): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(artifact).filter(([name]) => name !== 'kind' && name !== 'dir'));

/** The files of an artifact as its `check` sees them. Paths are relative to the artifact's folder and stay in it. */
export interface ArtifactFiles {
  /** True for files that a stage has just written; the content of others is known to be unchanged since their check. */
  readonly areNew: boolean;
  /** Size in bytes; undefined unless the path is a regular file. */
  size(path: string): number | undefined;
  /** The content, in chunks. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** A text file of at most 64 MiB, or why it cannot be read. */
  text(path: string): { readonly text: string } | { readonly problem: string };
}

/** Faults of an artifact beyond its fields, one line each: `vectors is v.f32 of 12 bytes; expected 16`. */
type Faults = readonly string[];

/** A kind of artifact: its fields beside `kind` and `dir`, and which of them name files. Made by `defineArtifact`. */
export interface ArtifactDefinition<K extends string = string, S extends TObject = TObject> {
  readonly kind: K;
  /** One line, for `pipe stages`. */
  readonly description?: string;
  readonly schema: S;
  /** Places of file names in the schema: see `FilePlace`. */
  readonly files: readonly string[];
  /** Fields about the origin, not the content: artifacts that differ only in these are equal. */
  readonly provenance: readonly string[];
  /** Checks the fields against the files. Called once both match their declarations. */
  check?(this: void, artifact: Frozen<Static<S>>, files: ArtifactFiles): Faults | Promise<Faults>;
}

/** An artifact of a kind, by the kind's definition. */
export type ArtifactOfDefinition<D extends ArtifactDefinition> =
  D extends ArtifactDefinition<infer K, infer S> ? Fields<{ kind: K; dir: string } & Static<S>> : never;

/** Written out, so that editors show the fields. */
type Fields<T> = { readonly [N in keyof T]: Frozen<T[N]> };

/**
 * A place in an artifact that holds the name of a file: `vectors`, `shards[]`, `frames[].file`. `generator/model.json` is the file
 * `model.json` in the folder that the field `generator` names.
 */
export type FilePlace<T> = { [N in keyof T & string]-?: PlaceIn<T[N], N> }[keyof T & string];

type PlaceIn<V, At extends string> = unknown extends V
  ? never
  : V extends string
    ? At | `${At}/${string}`
    : V extends readonly (infer E)[]
      ? PlaceIn<E, `${At}[]`>
      : V extends object
        ? { [N in keyof V & string]-?: PlaceIn<V[N], `${At}.${N}`> }[keyof V & string]
        : never;

export interface ArtifactOptions<S extends TObject> {
  readonly description?: string;
  /** A `Type.Object({ … })` of JSON values: file names, and anything that describes the files. */
  readonly schema: S;
  readonly files?: readonly FilePlace<Static<S>>[];
  readonly provenance?: readonly (keyof Static<S> & string)[];
  readonly check?: ArtifactDefinition<string, S>['check'];
}

/**
 * Declares a kind of artifact, for the inputs and outputs of stages. Stages that share a kind import one definition.
 * @param kind Lower-case words joined by hyphens: `embedding`, `word-list`.
 */
export function defineArtifact<const K extends string, S extends TObject>(
  kind: K,
  { files = [], provenance = [], ...options }: ArtifactOptions<S>,
): ArtifactDefinition<K, S> {
  return { kind, files, provenance, ...options } as ArtifactDefinition<K, S>;
}
