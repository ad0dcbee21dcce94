type Env = Readonly<Record<string, string | undefined>>;

/** Variables by which TensorFlow and the libraries below it choose how they compute, and with them the last digits. */
const FAMILIES = /^(TF|XLA|ONEDNN|DNNL|MKL|NVIDIA|CUDNN|CUBLAS|CUDA)_/;

/** Of those families what changes speed, memory and messages only, and numbers of threads, which count by what comes of them. */
const HARMLESS =
  /^TF_CPP_|_(VERBOSE|LOG\w*|DUMP\w*|DEBUG\w*)$|_THREADS$|^CUDA_(HOME|PATH|CACHE_\w+|VISIBLE_DEVICES|DEVICE_ORDER)$|^NVIDIA_(VISIBLE_DEVICES|DRIVER_CAPABILITIES|REQUIRE_\w+|\w*VERSION)$|GPU_(ALLOCATOR|THREAD_MODE)$|^TF_FORCE_GPU_ALLOW_GROWTH$/;

/** What pipe sets unless the user does: src/tensorflow/load.ts. */
const DEFAULTS: Env = { TF_ENABLE_ONEDNN_OPTS: '1' };

/** Variables that change what TensorFlow computes, as `NAME=value` in order of their names; those at pipe's defaults are left out. */
export function numericVariables(env: Env): readonly string[] {
  return Object.keys(env)
    .filter(name => FAMILIES.test(name) && !HARMLESS.test(name))
    .filter(name => env[name] !== undefined && env[name] !== DEFAULTS[name])
    .sort()
    .map(name => `${name}=${env[name] ?? ''}`);
}
