import type { Env } from '../core/env.ts';

/** Names of variables by which TensorFlow and its libraries choose algorithms, which changes the last digits of results. */
const FAMILIES = /^(TF|XLA|ONEDNN|DNNL|MKL|NVIDIA|CUDNN|CUBLAS|CUDA)_/;

/** Variables of those families without effect on results: speed, memory, messages, and numbers of threads (recorded as such). */
const HARMLESS =
  /^TF_CPP_|_(VERBOSE|LOG\w*|DUMP\w*|DEBUG\w*)$|_THREADS$|^CUDA_(HOME|PATH|CACHE_\w+|VISIBLE_DEVICES|DEVICE_ORDER)$|^NVIDIA_(VISIBLE_DEVICES|DRIVER_CAPABILITIES|REQUIRE_\w+|\w*VERSION)$|GPU_(ALLOCATOR|THREAD_MODE)$|^TF_FORCE_GPU_ALLOW_GROWTH$/;

/** Values that pipe sets unless the user does (src/tensorflow/load.ts). */
const DEFAULTS: Env = { TF_ENABLE_ONEDNN_OPTS: '1' };

/** Variables that change what TensorFlow computes, as `NAME=value` sorted by name, without those at pipe's defaults. */
export function numericVariables(env: Env): readonly string[] {
  return Object.keys(env)
    .filter(name => FAMILIES.test(name) && !HARMLESS.test(name))
    .filter(name => env[name] !== undefined && env[name] !== DEFAULTS[name])
    .sort()
    .map(name => `${name}=${env[name] ?? ''}`);
}
