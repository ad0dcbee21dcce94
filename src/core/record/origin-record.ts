/** Where an experiment comes from: code, machine and environment. */
import { Type, type Static } from 'typebox';
import { ByName, FileRecord, nullable } from './schema-parts.ts';

export const Git = Type.Object({
  commit: Type.String(),
  branch: nullable(Type.String()),
  dirty: Type.Boolean({ description: 'Tracked files differed from the commit.' }),
  changedFiles: Type.Optional(Type.Integer({ description: 'How many did.' })),
  patch: Type.Optional(
    Type.Object(FileRecord.properties, {
      description: 'How they differed, for `git apply`: `source/changes.patch`.',
    }),
  ),
  patchLeftOut: Type.Optional(Type.String({ description: 'Why there is no patch, though files differed.' })),
});

export const Source = Type.Object(
  {
    root: Type.String({ description: 'The top folder of the working tree; without git the working folder.' }),
    files: Type.Array(
      Type.Object({
        ...FileRecord.properties,
        path: Type.String({
          description: 'Relative to `root`, with forward slashes; absolute outside of it.',
        }),
        copy: Type.Optional(
          Type.String({
            description:
              'Its copy in the experiment, where neither the commit nor the patch has it: `source/files/…`.',
          }),
        ),
        leftOut: Type.Optional(Type.String({ description: 'Why there is no copy, though one is needed.' })),
      }),
      {
        description:
          'The pipeline file, those that it extends and includes, and users’ stages with their imports.',
      },
    ),
    lockfile: Type.Optional(
      Type.Object(
        { path: Type.String(), sha256: Type.String() },
        { description: 'The package manager’s, nearest to the working folder.' },
      ),
    ),
  },
  { description: 'What the pipeline and its stages were read from.' },
);

export const Environment = Type.Object({
  node: Type.String(),
  os: Type.String(),
  cpu: Type.Object({
    model: Type.String(),
    cores: Type.Integer({ description: 'Those that the process may run on.' }),
    threads: Type.Optional(
      Type.Integer({ description: 'For computing: fewer than cores under a quota, or as set by the user.' }),
    ),
  }),
  memoryBytes: Type.Integer(),
  gpus: Type.Array(Type.String()),
  tensorflow: nullable(Type.Object({ kind: Type.String(), version: Type.String() })),
  packages: ByName(Type.String()),
  pipe: Type.Optional(
    Type.Object(
      { version: Type.String(), commit: nullable(Type.String()), dirty: Type.Boolean() },
      { description: 'pipe itself; the commit is known where it runs from a checkout.' },
    ),
  ),
  variables: Type.Optional(
    ByName(Type.String(), {
      description: 'Environment variables that matter to results, and those that the pipeline reads.',
    }),
  ),
  withheld: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Names of such variables whose values are not recorded, as they look like secrets.',
    }),
  ),
});

export type Environment = Static<typeof Environment>;
