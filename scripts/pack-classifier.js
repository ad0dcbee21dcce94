/**
 * Makes the classifier of the package, by whose features pictures of CIFAR-10 are scored, of an experiment of
 * pipelines/reference-classifier.yaml: its network with weights in float16, which tf.loadLayersModel opens, and a description.
 *
 *     node scripts/pack-classifier.js experiments/exp-7 'CIFAR-10, binary version'
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importSource } from '../bench/source.js';

const PIPELINE = 'pipelines/reference-classifier.yaml';
const WEIGHTS = 'weights.bin';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const readJson = path => JSON.parse(readFileSync(path, 'utf8'));

const bits = new DataView(new ArrayBuffer(4));

/** The bits of the nearest float16, of two equally near ones of the even one (IEEE 754). */
function toHalf(value) {
  const magnitude = Math.abs(value);
  if (!(magnitude < 65_520)) throw new Error(`${value} is no float16`);
  bits.setFloat32(0, magnitude);
  // Numbers below 2^-14 have the exponent of 2^-14 and fewer digits.
  const exponent = Math.max((bits.getUint32(0) >>> 23) - 127, -14);
  const digits = roundToEven(magnitude * 2 ** (10 - exponent));
  return (value < 0 || Object.is(value, -0) ? 0x8000 : 0) + ((exponent + 14) << 10) + digits;
}

function roundToEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** The network's files with weights in float16. */
function halved(network) {
  const { weightsManifest, ...model } = readJson(join(network, 'model.json'));
  const bytes = Buffer.concat(
    weightsManifest.flatMap(({ paths }) => paths).map(path => readFileSync(join(network, path))),
  );
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const quantization = { dtype: 'float16', original_dtype: 'float32' };
  const weights = weightsManifest.flatMap(group => group.weights).map(spec => ({ ...spec, quantization }));
  return {
    'model.json': JSON.stringify({ ...model, weightsManifest: [{ paths: [WEIGHTS], weights }] }),
    [WEIGHTS]: Buffer.from(Uint16Array.from(values, toHalf).buffer),
  };
}

/**
 * @param experiment Folder of the experiment.
 * @param data What it was trained on, in words.
 * @param folder Where the files are written to.
 */
export async function packClassifier(experiment, data, folder) {
  const { layersModelHash } = await importSource('src/scores/embeddings/layers-model-hash.ts');
  const { metrics, git } = readJson(join(experiment, 'experiment.json'));
  const { dir, network, model, shape, classes, transform } = readJson(
    join(experiment, 'stages', 'fit', 'stage.json'),
  ).outputs.predictor;
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(halved(join(experiment, dir, network))))
    writeFileSync(join(folder, name), content);
  const description = {
    name: model,
    sha256: await layersModelHash(folder, transform),
    shape,
    classes,
    transform,
    testAccuracy: metrics.test_accuracy.last,
    data,
    pipeline: { file: PIPELINE, commit: git.commit },
  };
  writeFileSync(join(folder, 'classifier.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [experiment, data] = process.argv.slice(2);
  if (data === undefined) throw new Error('give the folder of an experiment, and what it was trained on');
  const folder = join(root, 'src', 'scores', 'embeddings', 'cifar10');
  console.log(await packClassifier(experiment, data, folder));
}
