import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { list } from 'tar';
import { beforeAll, describe, expect, test } from 'vitest';
import { PREBUILT_BYTES } from '../../src/tensorflow/provision/prebuild.ts';
import { codeBlocks, readDocument } from '../docs/markdown.ts';
import { installPackage, packPackage, treeOf, type Installation } from './rig.ts';

/** What npm and registries take without a word, and people on slow lines as well: without the classifier. */
const MOST_BYTES = 2_000_000;
/** What the classifier of scores may add, packed. */
const MOST_OF_CLASSIFIER = 1_500_000;

let tarball: string;
let installed: Installation;

/** Bytes of a folder's files, compressed as in a tarball. */
async function packedBytes(folder: string): Promise<number> {
  const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const files = (await readdir(path)).map(name => readFile(join(path, name)));
  return gzipSync(Buffer.concat(await Promise.all(files))).length;
}

beforeAll(async () => {
  tarball = await packPackage();
  installed = await installPackage(tarball);
});

test('the package has what runs, declarations and templates, and no tests, benches or sources', async () => {
  const files: string[] = [];
  await list({ file: tarball, onReadEntry: ({ path }) => void files.push(path) });
  const expected =
    /^package\/((bin|dist|schema|templates|types)\/|docs\/[\w-]+\.md$|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
  expect(files.filter(file => !expected.test(file))).toEqual([]);
  expect(files.filter(file => /(^|\/)(tests?|bench|node_modules)\/|\.test\.|\.map$/.test(file))).toEqual([]);
  for (const file of [
    'bin/pipe.js',
    'dist/cli/main.js',
    'dist/tfjs.cjs',
    'dist/THIRD-PARTY-LICENSES.txt',
    'dist/scores/embeddings/cifar10/weights.bin',
  ])
    expect(files).toContain(`package/${file}`);
  const classifier = await packedBytes('src/scores/embeddings/cifar10');
  expect(classifier).toBeLessThan(MOST_OF_CLASSIFIER);
  // The addons are prebuilt where zig is, and held to their share there.
  expect((await stat(tarball)).size - classifier).toBeLessThan(MOST_BYTES - PREBUILT_BYTES);
});

test('it knows the versions of what is a part of it', async () => {
  const text = await readFile(join(installed.package, 'dist', 'packages.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ '@tensorflow/tfjs-node-gpu': '4.22.0', 'string-width': '4.2.3' });
});

test('it installs with npm’s ordinary settings, and no dependency brings TensorFlow', async () => {
  const { stdout } = await execa('npm', ['ls', '--all', '--parseable'], { cwd: installed.dir });
  expect(stdout).not.toContain('tensorflow');
  expect(stdout.split('\n').length).toBeLessThan(20);
});

describe('another user of an installation that nobody may write into', () => {
  test('makes a project and runs it, and nothing is written into the installation', async () => {
    const before = await treeOf(installed.package);
    const { version, init, validate, run } = {
      version: await installed.pipe('--version'),
      init: await installed.pipe('init', 'own'),
      validate: await installed.pipe('validate', 'own/pipelines/first.yaml'),
      run: await installed.pipe('run', 'own/pipelines/first.yaml', '--to', 'build-model'),
    };
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect([init, validate, run].map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, expect.stringContaining('wrote')],
      [0, expect.anything()],
      [0, expect.stringContaining('exp-1')],
    ]);
    expect(await treeOf(installed.package)).toEqual(before);
  });

  test('computes with TensorFlow.js, which is a part of the package', async () => {
    const stage = `import { Type, defineStage, type Tensor } from 'pipe-dl';
import { Interrupted } from 'pipe';
export default defineStage({
  name: 'adding', version: 1, summary: 'Adds.', params: Type.Object({}), inputs: {}, outputs: {},
  async run({ tensorflow, report, signal }) {
    if (signal.aborted) throw new Interrupted();
    const { tf, kind } = await tensorflow();
    const sum: Tensor = tf.tensor([1, 2]).add(tf.scalar(1)).sum();
    report(\`\${sum.dataSync()[0]} \${kind}\`);
    return {};
  },
});
`;
    await writeFile(join(installed.dir, 'work', 'adding.ts'), stage);
    await writeFile(join(installed.dir, 'work', 'add.yaml'), 'name: add\nstages:\n  - use: ./adding.ts\n');
    const { exitCode, stderr } = await installed.pipe('run', 'add.yaml');
    expect(stderr).toContain('5 javascript');
    expect(exitCode).toBe(0);
  });
});

/** An artifact's kind with a mistake. */
const ownKind = `import { defineArtifact, Type, type ArtifactOf } from 'pipe-dl';
export const embedding = defineArtifact('embedding', {
  schema: Type.Object({ vectors: Type.String(), count: Type.Integer(), shards: Type.Array(Type.String()) }),
  files: ['vectors', 'shards[]'],
  check: ({ vectors, count }, files) => (files.size(vectors) === count ? [] : ['wrong']),
});
export type Embedding = ArtifactOf<typeof embedding>;
export const wrong = defineArtifact('wrong', { schema: Type.Object({ a: Type.String() }), files: ['b'] });
`;

/** A stage with mistakes about artifacts. */
const ownStage = `import { defineStage, Type, type ArtifactOf } from 'pipe-dl';
import { embedding } from './kind.js';
const of = (count: number): Omit<ArtifactOf<typeof embedding>, 'dir'> =>
  ({ kind: 'embedding', vectors: 'v', count, shards: [] });
export default defineStage({
  name: 'own', version: 1, summary: '', params: Type.Object({}),
  inputs: { dataset: { kind: 'dataset', description: '' }, before: { kind: embedding, description: '', optional: true } },
  outputs: { embedding },
  async run({ inputs: { dataset, before }, outputDir: dir, experiments }) {
    const [found] = await (await experiments.find('exp-1')).outputs(embedding);
    const counts: number[] = [dataset.count, before?.count ?? 0, found?.artifact.count ?? 0];
    before.vectors;
    before?.vector;
    if (counts.length > 3) return { embedding: { kind: 'embedding', dir, vectors: 'v', count: 'none', shards: [] } };
    return { embedding: { ...of(1), dir } };
  },
});
`;

/** A stage with mistakes about tensors and parameters. */
const mistaken = `import { defineStage, Type, type Tensor } from 'pipe-dl';
export default defineStage({
  name: 'x', version: 1, summary: '', params: Type.Object({ rate: Type.Number() }), inputs: {}, outputs: {},
  async run({ params, tensorflow }) {
    const { tf } = await tensorflow();
    const mean: Tensor = tf.scalar(params.rate).add(1).mean();
    mean.noSuchMethod();
    params.ratio;
    return {};
  },
});
`;

describe('declarations', { timeout: 300_000 }, () => {
  const stage = codeBlocks(readDocument('README.md')).find(({ language }) => language === 'ts')?.text ?? '';

  test('let README’s stage pass with a bundler’s resolution', async () => {
    const options = ['--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'];
    expect(await installed.typeCheck({ 'darken.ts': stage }, options)).toBe('');
  });

  describe('checked strictly themselves, with Node’s resolution', () => {
    let output: string;
    const errorsIn = (...files: string[]) =>
      output
        .match(/^\w+\.ts\(\d+,\d+\): error .*/gm)
        ?.filter(line => files.some(file => line.startsWith(`${file}(`)));

    // One run of the compiler for all: it takes longer than everything else here.
    beforeAll(async () => {
      const old = /"paths": \{ "pipe": \["(.*)"\] \}/.exec(readDocument('docs/project.md'))?.[1] ?? '';
      const files = {
        'kind.ts': ownKind,
        'own.ts': ownStage,
        'x.ts': mistaken,
        'darken.ts': stage,
        'old.ts': stage.replace("from 'pipe-dl'", "from 'pipe'"),
      };
      output = await installed.typeCheck(files, ['--module', 'nodenext'], { pipe: [old] });
    });

    test('know what an artifact of one’s own holds, and what a stage must return', () => {
      expect(errorsIn('kind.ts', 'own.ts')).toEqual([
        expect.stringMatching(/^kind\.ts\(8,.*'"b"' is not assignable to type/),
        expect.stringMatching(/^own\.ts\(9,.* is not assignable to type/),
        expect.stringMatching(/^own\.ts\(12,.*'before' is possibly 'undefined'/),
        expect.stringMatching(/^own\.ts\(13,.*'vector' does not exist/),
      ]);
    });

    test('know tensors and find mistakes', () => {
      expect(errorsIn('x.ts')).toEqual([
        expect.stringContaining("'noSuchMethod' does not exist on type 'Tensor"),
        expect.stringContaining("'ratio' does not exist"),
      ]);
    });

    test('are right themselves, and for README’s stage, also by the old name with tsconfig’s paths, as docs/project.md says', () => {
      expect(output.match(/error .*/g)).toHaveLength(6);
    });
  });
});
