import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/sha256.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import type { Embedding } from '../../../src/scores/embeddings/embedding.ts';
import { openEmbedding } from '../../../src/scores/embeddings/open.ts';
import { failureOf } from '../../data/rig.ts';
import { temporaryFolder } from '../../rig/stage-context.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

interface Fixture {
  readonly graph: string;
  readonly shape: readonly number[];
  readonly images: string;
  readonly width: number;
  readonly classes: number;
  readonly features: readonly number[];
  readonly probabilities: readonly number[];
}

/** Made by bench/reference/make_inception.py with TensorFlow for Python. */
const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/scores/inception.json', import.meta.url), 'utf8'),
) as Fixture;

const graph = Buffer.from(fixture.graph, 'base64');
const images = new Uint8Array(Buffer.from(fixture.images, 'base64'));
const id = `inception-graph@${sha256(graph).slice(0, 8)}`;

/** The same graph with another name of a node, of the same length. */
function renamed(from: string, to: string): Buffer {
  const bytes = Buffer.from(graph);
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  return bytes;
}

const about = (values: Float32Array, expected: readonly number[]) => {
  expect(values).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 5);
};

describe('the Inception graph', () => {
  let tensorflow: TensorFlow;
  let dir: string;

  beforeAll(async () => {
    tensorflow = await testTensorFlow();
    dir = await temporaryFolder();
    await writeFile(join(dir, 'graph.pb'), graph);
  });

  async function open(name: string, content?: string | Buffer, shape = fixture.shape): Promise<Embedding> {
    const path = join(dir, name);
    if (content !== undefined) await writeFile(path, content);
    return openEmbedding(tensorflow, { inception: path }, shape);
  }

  it('makes the features and probabilities that TensorFlow for Python makes by the code of the papers', async () => {
    const embedding = await open('graph.pb');
    const made = await embedding.embed(images, 4);
    await embedding.dispose();
    expect(embedding).toMatchObject({
      ...{ id, name: 'inception-graph', width: fixture.width, imageShape: fixture.shape, classes: [] },
    });
    about(made.features, fixture.features);
    about(made.probabilities, fixture.probabilities);
  });

  it('takes any number of pictures of any size', async () => {
    const embedding = await open('graph.pb');
    const one = await embedding.embed(images.subarray(0, images.length / 4), 1);
    await embedding.dispose();
    about(one.features, fixture.features.slice(0, fixture.width));
    const other = await open('graph.pb', undefined, [32, 32, 3]);
    const made = await other.embed(new Uint8Array(2 * 32 * 32 * 3).fill(200), 2);
    await other.dispose();
    expect(made.features).toHaveLength(2 * fixture.width);
    expect(made.probabilities).toHaveLength(2 * fixture.classes);
  });

  it('leaves no tensors behind', async () => {
    const before = tensorflow.tf.memory().numTensors;
    const embedding = await open('graph.pb');
    await embedding.embed(images, 4);
    await embedding.dispose();
    expect(tensorflow.tf.memory().numTensors).toBe(before);
  });

  const hint = 'it is classify_image_graph_def.pb of inception-2015-12-05.tgz, 95673916 bytes';

  it.each([
    ['a page', '<html><body>Not found</body></html>'],
    ['nothing', ''],
    ['text', 'node { name: "pool_3" }'],
  ])('refuses %s for a file', async (_, content) => {
    expect(await failureOf(open('other.pb', content))).toMatchObject({
      code: 'not-a-graph',
      message: `${join(dir, 'other.pb')}: it is no TensorFlow graph (a GraphDef in binary form)`,
      hint,
    });
  });

  it('refuses another graph, and names the nodes that it lacks', async () => {
    expect(await failureOf(open('other.pb', renamed('pool_3', 'pool_4')))).toMatchObject({
      code: 'not-inception',
      message: `${join(dir, 'other.pb')} is not the Inception graph: of its nodes pool_3 is missing`,
      hint,
    });
    const { message } = await failureOf(open('other.pb', renamed('softmax/logits', 'softmax/Logits')));
    expect(message).toContain('of its nodes softmax/logits/MatMul is missing');
  });

  it('refuses a graph that TensorFlow cannot run', async () => {
    const { code, message } = await failureOf(open('other.pb', renamed('CheckNumerics', 'ChockNumerics')));
    expect(code).toBe('graph-not-loaded');
    expect(message).toContain(`${join(dir, 'other.pb')}: TensorFlow cannot run the graph: `);
    expect(message).toContain('ChockNumerics');
  });

  it('refuses a path where nothing is', async () => {
    expect(await failureOf(open('none.pb'))).toMatchObject({
      code: 'cannot-read',
      message: `cannot read ${join(dir, 'none.pb')}: it does not exist (ENOENT)`,
    });
  });

  it('refuses grey pictures', async () => {
    expect(await failureOf(open('graph.pb', undefined, [28, 28, 1]))).toMatchObject({
      code: 'embedding-size',
      message: 'the Inception graph takes pictures of 3 channels, and these are 28×28×1',
      hint: 'load the pictures with channels: 3',
    });
  });

  it('takes native TensorFlow', async () => {
    const javascript = await testTensorFlow('javascript');
    const choice = { inception: join(dir, 'graph.pb') };
    const opened = openEmbedding(javascript, choice, fixture.shape);
    expect(await failureOf(opened)).toMatchObject({ code: 'graph-backend', hint: 'pipe setup' });
  });
});
