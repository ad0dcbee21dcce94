import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { isClassifier } from '../model.js';

const bench = fileURLToPath(new URL('..', import.meta.url));
const python = `${bench}peers/.venv/bin/python`;
const NOT_OFFERED = 3;

const node = (name, script) => ({ name, command: process.execPath, script: `${bench}${script}`, flags: [] });
const py = (name, script, flags = []) => ({
  name,
  command: python,
  script: `${bench}peers/${script}`,
  flags,
});

/** This project's own entry, and the measurement of the peak, by name. */
export const OURS = 'pipe';
export const PEAK = 'peak';

const MATRIX_PRODUCT = node(PEAK, 'peers/peak.js');
const COMMON = [MATRIX_PRODUCT, node(OURS, 'pipe-step.js')];

/** The article's models, each written by hand in every framework. */
const BY_HAND = [
  ...COMMON,
  node('tfjs-layers trainOnBatch', 'peers/tfjs-layers.js'),
  py('keras train_on_batch', 'keras_train_on_batch.py'),
  py('keras train_on_batch, jit', 'keras_train_on_batch.py', ['--jit']),
  py('keras tf.function', 'keras_function.py'),
  py('keras tf.function, jit', 'keras_function.py', ['--jit']),
  py('torch eager', 'torch_step.py'),
  py('torch.compile', 'torch_step.py', ['--compile']),
];

/** Other models: peers made of the layers that their YAML declares. */
const DECLARED = [
  ...COMMON,
  py('keras tf.function', 'keras_declared.py'),
  py('keras tf.function, jit', 'keras_declared.py', ['--jit']),
  py('torch eager', 'torch_declared.py'),
  py('torch.compile', 'torch_declared.py', ['--compile']),
];

const keras = way => [
  py(`keras ${way}`, 'keras_classifier.py', ['--way', way]),
  py(`keras ${way}, jit`, 'keras_classifier.py', ['--way', way, '--jit']),
];

/** Classifiers: data, augmentation and all. */
const CLASSIFIER = [
  MATRIX_PRODUCT,
  node(OURS, 'pipe-fit.js'),
  ...keras('fit'),
  ...keras('train_on_batch'),
  ...keras('tf.function'),
  py('torch eager', 'torch_classifier.py'),
  py('torch.compile', 'torch_classifier.py', ['--compile']),
];

function entriesOf(model, declared) {
  if (isClassifier(model)) return CLASSIFIER;
  return declared || !['dcgan', 'cgan'].includes(model) ? DECLARED : BY_HAND;
}

/** The entries that were asked for; the peak is always measured, and never checked. */
export function entries({ model, only, without, check, declared }) {
  const has = (name, texts) => texts?.some(text => name.includes(text));
  const chosen = ({ name }) => (has(name, only) ?? true) && !has(name, without);
  return entriesOf(model, declared).filter(entry => (entry.name === PEAK ? !check : chosen(entry)));
}

/** Runs one process of an entry: its JSON line, or the problem in a sentence. */
export async function runEntry(entry, options) {
  const missing = [entry.command, entry.script].find(path => !existsSync(path));
  if (missing === python) return { problem: 'no virtual environment: run bench/peers/setup.sh' };
  if (missing !== undefined) return { problem: `${missing} is missing` };
  const passed = ['model', 'batch', 'fakes', 'iterations', 'warmup', 'threads'];
  const given = passed.filter(name => options[name] !== undefined);
  const args = given.flatMap(name => [`--${name}`, options[name]]);
  if (options.check) args.push('--check');
  const { stdout, stderr, exitCode } = await execa(
    entry.command,
    [entry.script, ...entry.flags, ...(entry.name === PEAK ? [] : args)],
    { reject: false, env: threadLimits(options.threads) },
  );
  const line = stdout.split('\n').findLast(text => text.startsWith('{'));
  if (line !== undefined) return { line: JSON.parse(line) };
  const reason = stderr.trim().split('\n').at(-1);
  return { problem: exitCode === NOT_OFFERED ? reason : `failed (${exitCode}): ${reason}` };
}

/** Read by TensorFlow's, OpenMP's and MKL's thread pools, also where a program sets nothing itself. */
function threadLimits(threads) {
  return {
    TF_NUM_INTRAOP_THREADS: threads,
    OMP_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    TF_ENABLE_ONEDNN_OPTS: '1',
  };
}
