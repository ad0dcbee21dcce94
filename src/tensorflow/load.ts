import { createRequire } from 'node:module';
import { Failure } from '../core/failure.ts';
import type { BackendKind, TensorFlowNamespace } from '../core/tensorflow.ts';
import { computeThreads } from '../host/processors.ts';
import { findNative, isReady, type NativeLibrary } from './provision/find-native.ts';
import { compiled } from './provision/kernels.ts';
import type { Env } from '../core/env.ts';
import { requireTfjs, requireTfjsNode } from './tfjs.ts';

const require = createRequire(import.meta.url);

export interface LoadedTensorFlow {
  readonly tf: TensorFlowNamespace;
  readonly kind: BackendKind;
  /** TensorFlow's version, or TensorFlow.js's for the JavaScript backend. */
  readonly version: string;
  /** TensorFlow.js's native addon, for the compiled step; undefined for the JavaScript backend. */
  readonly binding: unknown;
  /** True where pipe's kernels are registered and used. */
  readonly kernels: boolean;
  /** A sentence for the user: why training will be slow, and the remedy. */
  readonly notice?: string;
}

export interface LoadOptions {
  readonly env?: Env;
}

/**
 * Loads TensorFlow.js on the native library, or on its pure JavaScript backend without one or with `PIPE_BACKEND=javascript`.
 * Takes 0.4 to 0.8 s the first time. Throws a Failure where a library is set up and does not load.
 */
export async function loadNativeOrJavaScript(options: LoadOptions = {}): Promise<LoadedTensorFlow> {
  const env = options.env ?? process.env;
  const backend = env['PIPE_BACKEND'];
  if (backend === 'javascript') return loadJavaScript('PIPE_BACKEND=javascript asks for it.');
  if (backend) throw unknownBackend(backend);
  const native = findNative(env);
  if (native !== undefined && isReady(native)) return loadNative(native, env);
  if (native?.build === 'own') throw notSetUp();
  return loadJavaScript('TensorFlow’s native library is not set up. To set it up: pipe setup');
}

function loadNative(native: NativeLibrary, env: Env): LoadedTensorFlow {
  try {
    const binding = requireAddons(native, env);
    const kind = binding.isUsingGpuDevice() ? 'native-gpu' : 'native-cpu';
    const kernels = kind === 'native-cpu' ? compiled(native.kernels) : undefined;
    const isMissing = kind === 'native-cpu' && kernels !== native.kernels;
    return {
      tf: requireTfjsNode(native.addon),
      kind,
      version: binding.TF_Version,
      binding,
      kernels: kernels !== undefined,
      ...(isMissing && { notice: SLOWER }),
    };
  } catch (error) {
    throw new Failure({
      code: 'tensorflow-not-loaded',
      message: `TensorFlow’s native library could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'pipe doctor; to go on without it, slowly: PIPE_BACKEND=javascript',
      cause: error,
    });
  }
}

const SLOWER =
  'pipe’s own kernels are not compiled yet, so training takes longer than it could. To compile them: pipe setup';

/** The part of TensorFlow.js's addon that is used here. */
interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

/** The value of TF_CPP_MIN_LOG_LEVEL at which only crashes are logged. */
const SILENT = '3';

/** The addon that mutes this process's stderr. */
interface Quiet {
  mute(): void;
  unmute(): void;
}

/** Loads the addons and with them the library, which reads these settings from the environment; the user's have priority. */
function requireAddons(native: NativeLibrary, env: Env): Binding {
  // Off by default without AVX-512, which costs 1.3 to 1.6 times the time there.
  process.env['TF_ENABLE_ONEDNN_OPTS'] = env['TF_ENABLE_ONEDNN_OPTS'] ?? '1';
  // Threads of TensorFlow and of pipe's kernels; TensorFlow's default ignores the quota of a control group.
  process.env['TF_NUM_INTRAOP_THREADS'] = String(computeThreads(env));
  // Errors become exceptions; other messages would break the display in a terminal.
  const logLevel = env['TF_CPP_MIN_LOG_LEVEL'] ?? SILENT;
  process.env['TF_CPP_MIN_LOG_LEVEL'] = logLevel;
  const load = () => {
    const kernels = compiled(native.kernels);
    if (kernels !== undefined) {
      // pipe's kernels use threads on all cores. Operations in parallel, or a thread that spins while it waits for one, compete
      // with them: with two on two cores an iteration of the cGAN takes 1.1 to 1.2 times as long.
      process.env['TF_NUM_INTEROP_THREADS'] = env['TF_NUM_INTEROP_THREADS'] ?? '1';
      require(kernels.addon);
    }
    return require(native.addon) as Binding;
  };
  if (logLevel !== SILENT) return load();
  const quiet = require(native.quiet) as Quiet;
  quiet.mute();
  try {
    return load();
  } finally {
    quiet.unmute();
  }
}

async function loadJavaScript(reason: string): Promise<LoadedTensorFlow> {
  const tf = requireTfjs();
  // Prevents TensorFlow.js from recommending another package on the console; the notice says what to do instead.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  await tf.ready();
  return {
    tf,
    kind: 'javascript',
    version: tf.version.tfjs,
    binding: undefined,
    kernels: false,
    notice: `Running on TensorFlow.js’s pure JavaScript backend, hundreds of times slower than the native library. ${reason}`,
  };
}

const unknownBackend = (value: string): Failure =>
  new Failure({
    code: 'unknown-backend',
    message: `PIPE_BACKEND is ${value}; the only value that it takes is javascript.`,
    hint: 'unset PIPE_BACKEND to use the native library',
    exitCode: 2,
  });

const notSetUp = (): Failure =>
  new Failure({
    code: 'addon-missing',
    message: 'The TensorFlow that PIPE_TENSORFLOW names has no addon compiled for it yet.',
    hint: 'pipe setup',
  });
