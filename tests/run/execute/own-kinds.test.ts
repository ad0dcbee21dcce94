/** Artifacts of a user's own kinds: what a stage gives is of its kind before the next stage sees it. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ArtifactDefinition } from '../../../src/core/artifacts/definition.ts';
import { defineArtifact, Type } from '../../../src/index.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import type { Decision } from '../../../src/run/decide/decision.ts';
import { planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

type Fields = Readonly<Record<string, unknown>>;

const embedding = defineArtifact('embedding', {
  description: 'A vector per image.',
  schema: Type.Object({
    vectors: Type.String(),
    parts: Type.Optional(Type.Array(Type.Object({ file: Type.String() }))),
    count: Type.Integer({ minimum: 1 }),
    dimensions: Type.Integer({ minimum: 1 }),
    metric: Type.Union([Type.Literal('cosine'), Type.Literal('euclidean')]),
    notes: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  files: ['vectors', 'parts[].file'],
  check: ({ vectors, count, dimensions }, files) => {
    const expected = count * dimensions * 4;
    const size = files.size(vectors);
    return size === expected ? [] : [`vectors is ${vectors} of ${size} bytes; expected ${expected}`];
  },
});

const right = { vectors: 'v.f32', count: 2, dimensions: 3, metric: 'cosine' };

const makes = (
  kind: ArtifactDefinition,
  fields: Fields,
  prepare?: (dir: string) => Promise<unknown>,
): TestStage => ({
  id: 'embed',
  outputs: { files: kind },
  run: async ({ outputDir: dir }) => {
    await writeFile(join(dir, 'v.f32'), Buffer.alloc(24));
    await prepare?.(dir);
    return { files: { kind: kind.kind, dir, ...fields } };
  },
});

const takes: TestStage = {
  id: 'use',
  inputs: { embedding: 'embed' },
  outputs: {},
  run: ({ inputs, report }) => {
    report(JSON.stringify({ ...inputs['embedding'], dir: '' }));
    return {};
  },
};

/** What is wrong with what a stage gives, by the failure of the run. */
async function faultsOf(
  fields: Fields,
  prepare?: (dir: string) => Promise<unknown>,
  kind: ArtifactDefinition = embedding,
) {
  const { outcome } = await run(planOf([makes(kind, fields, prepare)]));
  if (outcome.failure !== null)
    expect(outcome.failure).toMatchObject({
      code: 'wrong-outputs',
      message: 'stage "embed" did not give the outputs that it declares',
    });
  return outcome.failure?.details ?? [];
}

test('an artifact with its metadata reaches the stage that takes it', async () => {
  const fields = { ...right, notes: { model: 'mine', layers: [1, 2] } };
  const { record } = await run(planOf([makes(embedding, fields), takes]));
  expect(record.stages.map(({ status }) => status)).toEqual(['ran', 'ran']);
  expect(JSON.parse(record.stages[1]?.report ?? '')).toEqual({ kind: 'embedding', dir: '', ...fields });
});

test('its kind is recorded beside it, and those of others are not', async () => {
  const { read } = await run(planOf([makes(embedding, right)]));
  const { kinds } = JSON.parse(await read('stages', 'embed', 'stage.json')) as { kinds: Fields };
  expect(Object.keys(kinds)).toEqual(['embedding']);
  expect(kinds['embedding']).toMatchObject({
    files: ['vectors', 'parts[].file'],
    provenance: [],
    schema: { type: 'object', properties: { count: { type: 'integer', minimum: 1 } } },
  });
  const files: TestStage = {
    id: 'make',
    run: ({ outputDir: dir }) => ({ files: { kind: 'files', dir, files: [] } }),
  };
  expect(await (await run(planOf([files]))).read('stages', 'make', 'stage.json')).not.toContain('"kinds"');
});

describe('a failure names the stage, the output and the field:', () => {
  test.each<[string, Fields, string]>([
    ['a wrong type', { count: '2' }, 'count is "2"; expected integer ≥ 1'],
    ['a number out of range', { dimensions: 0 }, 'dimensions is 0; expected integer ≥ 1'],
    ['a field that is missing', { count: undefined }, 'count is missing; expected integer ≥ 1'],
    [
      'none of several texts',
      { metric: 'manhattan' },
      'metric is "manhattan"; expected one of cosine, euclidean',
    ],
    ['a file that is not there', { vectors: 'w.f32' }, 'vectors is w.f32, which is not there'],
    [
      'one of a list',
      { parts: [{ file: 'v.f32' }, { file: 'w' }] },
      'parts[1].file is w, which is not there',
    ],
    ['what the kind’s check says', { count: 3 }, 'vectors is v.f32 of 24 bytes; expected 36'],
  ])('%s', async (_what, changes, words) => {
    expect(await faultsOf({ ...right, ...changes })).toEqual([`output "files": ${words}`]);
  });

  test('a path that leads out of the folder', async () => {
    expect(await faultsOf({ ...right, vectors: '../v.f32' })).toEqual([
      'output "files" names "../v.f32", which is no path inside its "dir"',
    ]);
  });

  test.each<[string, (dir: string) => Promise<unknown>, string]>([
    ['a folder', dir => mkdir(join(dir, 'w')), 'vectors is w, which is a folder; expected a file'],
    [
      'a link',
      dir => symlink('/etc/hostname', join(dir, 'w')),
      'vectors is w, a link that leads out of its folder',
    ],
  ])('%s in place of a file', async (_what, prepare, words) => {
    expect(await faultsOf({ ...right, vectors: 'w' }, prepare)).toEqual([`output "files": ${words}`]);
  });

  test('what JSON cannot hold', async () => {
    expect(await faultsOf({ ...right, notes: { made: new Date(0) } })).toEqual([
      'output files.notes.made is a Date; expected what JSON can hold',
    ]);
  });

  test('a field that a closed schema does not have', async () => {
    const closed = defineArtifact('closed', {
      schema: Type.Object({ size: Type.Integer() }, { additionalProperties: false }),
    });
    expect(await faultsOf({ size: 1, sise: 2 }, undefined, closed)).toEqual([
      'output "files": sise is no field of its kind; expected one of size',
    ]);
  });

  test.each<[string, ArtifactDefinition['check'] & object, string]>([
    [
      'a check that throws',
      () => {
        throw new Error('no such thing');
      },
      'the check of broken fails: no such thing',
    ],
    [
      'a check that returns something else',
      (() => 'fine') as never,
      'the check of broken returns "fine"; expected a list of texts',
    ],
  ])('%s', async (_what, check, words) => {
    const broken = defineArtifact('broken', { schema: Type.Object({}), check });
    expect(await faultsOf({}, undefined, broken)).toEqual([`output "files": ${words}`]);
  });
});

test('a check reads the files, and nothing outside of their folder', async () => {
  const seen: unknown[] = [];
  const text = defineArtifact('text', {
    schema: Type.Object({ file: Type.String() }),
    files: ['file'],
    check: async ({ file }, files) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of files.read(file)) chunks.push(chunk);
      seen.push(files.areNew, Buffer.concat(chunks).toString(), files.text(file), files.text('gone'));
      seen.push(files.size('../stage.json'), files.size('out'), files.size('.'));
      return [];
    },
  });
  const prepare = (dir: string) =>
    Promise.all([writeFile(join(dir, 'a.txt'), 'hello'), symlink('/etc/hostname', join(dir, 'out'))]);
  expect(await faultsOf({ file: 'a.txt' }, prepare, text)).toEqual([]);
  expect(seen).toEqual([
    true,
    'hello',
    { text: 'hello' },
    { problem: 'missing' },
    undefined,
    undefined,
    undefined,
  ]);
});

test('an artifact of before that no longer fits its kind is not taken, with the command that makes it anew', async () => {
  const registry = await temporaryFolder();
  const first = await run(planOf([makes(embedding, right), takes]), { registry });
  const [made] = await openRegistry(registry)
    .view(await openRegistry(registry).read(first.outcome.id))
    .outputs();
  const outputs = { files: made?.artifact } as never;
  const decision: Decision = { kind: 'reuse', experiment: 'exp-1', outputs };
  const named = defineArtifact('embedding', { schema: Type.Object({ encoder: Type.String() }) });
  const again = await run(planOf([makes(named, right), takes]), {
    registry,
    decisions: new Map([['embed', decision]]),
  });
  expect(again.outcome.failure).toMatchObject({
    code: 'wrong-outputs',
    message: 'stage "embed" gave outputs in exp-1 that are not what it declares now',
    details: ['output "files": encoder is missing; expected text'],
    hint: 'run the stage again: pipe run tiny.yaml --force-stage embed',
  });
  expect(again.record.stages[1]).toMatchObject({ status: 'skipped' });
});

test('a stage looks up artifacts of its kind in another experiment, checked', async () => {
  const registry = await temporaryFolder();
  await run(planOf([makes(embedding, right)]), { registry });
  const looks = (kind: ArtifactDefinition): TestStage => ({
    id: 'look',
    outputs: {},
    run: async ({ experiments, report }) => {
      const found = await (await experiments.find('exp-1')).outputs(kind);
      report(found.map(({ stage, name, artifact }) => `${stage}.${name} ${artifact.kind}`).join());
      return {};
    },
  });
  const { record } = await run(planOf([looks(embedding)]), { registry });
  expect(record.stages[0]?.report).toBe('embed.files embedding');
  const other = defineArtifact('embedding', {
    schema: Type.Object({ vectors: Type.String(), encoder: Type.String() }),
  });
  expect((await run(planOf([looks(other)]), { registry })).outcome.failure).toMatchObject({
    code: 'wrong-outputs',
    message: 'output "files" of stage "embed" in exp-1 is not what its kind embedding is now',
    details: ['encoder is missing; expected text'],
  });
  const none = defineArtifact('other', { schema: Type.Object({}) });
  expect((await run(planOf([looks(none)]), { registry })).record.stages[0]?.report).toBe('');
});
