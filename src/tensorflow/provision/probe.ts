import { Failure } from '../../core/failure.ts';
import type { NativeLibrary } from './find-native.ts';
import { compiled } from './kernels.ts';
import type { Env } from '../../core/env.ts';

export interface Probe {
  /** TensorFlow's version. */
  readonly version: string;
  /** True when TensorFlow sees a GPU that it can use. */
  readonly gpu: boolean;
}

/** Script of a child process: loads the addons, multiplies two matrices, convolves where there are kernels, prints a Probe. */
const SCRIPT = `
const binding = require(process.argv[1]);
const values = new Float32Array([1, 2, 3, 4]);
const matrix = binding.createTensor([2, 2], binding.TF_FLOAT, values);
const attributes = [
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
  { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
];
const [product] = binding.executeOp('MatMul', attributes, [matrix, matrix], 1);
const valuesOf = tensor => Array.from(binding.tensorDataSync(tensor.id)).join();
if (valuesOf(product) !== '7,10,15,22') throw new Error('a matrix product came out as ' + valuesOf(product));
if (process.argv[2]) {
  require(process.argv[2]);
  const image = binding.createTensor([1, 2, 2, 1], binding.TF_FLOAT, values);
  const kernel = binding.createTensor([1, 1, 1, 1], binding.TF_FLOAT, new Float32Array([2]));
  const [doubled] = binding.executeOp('PipeConv2D', [], [image, kernel], 1);
  if (valuesOf(doubled) !== '2,4,6,8') throw new Error('a convolution came out as ' + valuesOf(doubled));
}
console.log(JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice() }));
`;

/** Loads the addons in a child process and computes with them. A crash there is a Failure here (`addon-not-loaded`). */
export async function probeAddons(
  { addon, kernels }: Pick<NativeLibrary, 'addon' | 'kernels'>,
  env: Env,
  signal?: AbortSignal,
): Promise<Probe> {
  const { execa } = await import('execa');
  const result = await execa(
    process.execPath,
    ['-e', SCRIPT, addon, ...[compiled(kernels)?.addon ?? []].flat()],
    {
      env: { TF_CPP_MIN_LOG_LEVEL: '3', ...env },
      extendEnv: false,
      reject: false,
      ...(signal && { cancelSignal: signal }),
    },
  );
  signal?.throwIfAborted();
  if (!result.failed) return JSON.parse(result.stdout) as Probe;
  const details = result.stderr.split('\n').filter(line => /error|cannot|not found/i.test(line));
  throw new Failure({
    code: 'addon-not-loaded',
    message: 'TensorFlow’s native library is there, but does not load.',
    details: details.length > 0 ? details.slice(0, 4) : [String(result.shortMessage)],
    hint: `rm ${[addon, kernels?.addon].filter(Boolean).join(' ')} && pipe setup`,
  });
}
