import { Type, type Static } from 'typebox';
import type { Schema } from '../json-schema.ts';
import { ByName, checksum, FileRecord, nullable } from './schema-parts.ts';

const StageStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('running'),
  Type.Literal('ran'),
  Type.Literal('reused'),
  Type.Literal('skipped'),
  Type.Literal('failed'),
  Type.Literal('interrupted'),
]);

const StageProgress = Type.Object({
  done: Type.Number(),
  total: nullable(Type.Number()),
  unit: Type.String({ description: 'The unit counted: `iterations`, `images`, `bytes`.' }),
});

export const StageRecord = Type.Object({
  id: Type.String(),
  use: Type.String({ description: 'The stage, or the path of the user’s stage file.' }),
  version: Type.Integer(),
  status: StageStatus,
  startedAt: nullable(Type.String()),
  ms: nullable(Type.Number({ description: 'Duration in milliseconds.' })),
  report: nullable(Type.String({ description: 'The closing words of the stage.' })),
  reason: nullable(Type.String({ description: 'Why it was skipped, reused or failed.' })),
  progress: Type.Optional(StageProgress),
  fingerprint: Type.Optional(
    Type.String({
      description:
        'Of everything that the outputs depend on, from its beginning on; equal fingerprints, equal stages. Absent where that is not known.',
    }),
  ),
  code: Type.Optional(Type.String({ description: 'Hash of its code when it began.' })),
  backend: Type.Optional(
    Type.String({
      description: 'Which TensorFlow it comes from: its own, or that of a stage that it follows.',
    }),
  ),
  resumedFrom: Type.Optional(
    Type.String({ description: 'Another experiment, from whose checkpoint it was resumed.' }),
  ),
  variables: Type.Optional(
    ByName(nullable(Type.String()), {
      description:
        'Environment variables that it read, or a stage that it follows: a hash of each value, null for one that was not set.',
    }),
  ),
  unseeded: Type.Optional(
    Type.Array(
      Type.Object({
        source: Type.String({ description: '`Math.random`, `crypto.randomUUID`, `tf dropout`.' }),
        calls: Type.Integer(),
        at: Type.Optional(
          Type.String({ description: 'The first line of the user’s code that drew from it.' }),
        ),
      }),
      { description: 'Its draws from random generators without a seed.' },
    ),
  ),
  data: Type.Optional(
    Type.Array(
      Type.Object({
        path: Type.String(),
        digest: Type.String({
          description: 'sha256 of a file; of a folder, over the names and hashes of its files.',
        }),
      }),
      { description: 'The files and folders that it was to read, by content. They are not copied.' },
    ),
  ),
});

/** `stages/<id>/stage.json`. */
export const StageDocument = Type.Object({
  ...StageRecord.properties,
  outputs: ByName(Type.Unknown(), {
    description: 'With folders relative to the experiment.',
  }),
  kinds: Type.Optional(
    ByName(
      Type.Object({
        schema: Type.Unsafe<Schema>(
          Type.Object({}, { description: 'A JSON Schema of the fields beside `kind` and `dir`.' }),
        ),
        files: Type.Array(Type.String(), { description: 'Fields that name files: `vectors`, `shards[]`.' }),
        provenance: Type.Array(Type.String(), {
          description: 'Fields about the origin, which comparisons ignore.',
        }),
      }),
      { description: 'The kinds of its outputs that are not pipe’s own, as they were declared.' },
    ),
  ),
  files: Type.Optional(
    Type.Array(FileRecord, { description: 'Every file of the output folder when the stage ended.' }),
  ),
  checksum,
});

export type StageRecord = Static<typeof StageRecord>;
export type StageDocument = Static<typeof StageDocument>;
