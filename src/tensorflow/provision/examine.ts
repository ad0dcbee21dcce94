import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { COMPILER_HINT, findCompiler } from './compiler.ts';
import { freeBytes } from './disk.ts';
import { findNative, installedLibrary, isComplete, isReady, type NativeLibrary } from './find-native.ts';
import { visibleGpus } from './gpu.ts';
import { isPrebuilt } from './install-addons.ts';
import { tensorflowHome } from './layout.ts';
import type { Env } from '../../core/env.ts';
import { packageIndex } from './package-index.ts';
import { findPip, PIP_HINT } from './pip.ts';
import { probeAddons, type Probe } from './probe.ts';
import { isSupportedPlatform } from './provision.ts';
import { peakBytes, releases } from './release.ts';

/** The result of one check. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  /** `missing`: needed and not found; `absent`: not found and not needed. */
  readonly state: 'ok' | 'missing' | 'absent';
  readonly text: string;
  /** The command or action that fixes or installs it. */
  readonly fix?: string;
}

/** Checks everything that native TensorFlow needs. The library itself is loaded in a child process. */
export async function examineTensorFlow(env: Env): Promise<readonly Finding[]> {
  const library = await locate(env);
  const { native } = library;
  const compiled = native !== undefined && isReady(native);
  const prebuilt = isPrebuilt(native ?? installedLibrary(env, 'cpu'));
  const [compiler, pip, probe, gpus] = await Promise.all([
    findCompiler(env),
    findPip(env),
    compiled ? tryAddons(native, env) : undefined,
    visibleGpus(env),
  ]);
  return [
    tool('compiler', 'C++ compiler', compiler?.version, !compiled && !prebuilt, COMPILER_HINT),
    tool('pip', 'pip', pip?.version, native === undefined && packageIndex(env) === undefined, PIP_HINT),
    library.finding,
    addonFinding(native, probe),
    kernelsFinding(native),
    buildFinding(env, native, probe, gpus),
    {
      id: 'gpu',
      name: 'GPU',
      state: gpus.length > 0 ? 'ok' : 'absent',
      text: gpus.join('; ') || 'no NVIDIA GPU; none is needed',
    },
    onednnFinding(env),
  ];
}

/** A tool is needed only until its product is installed. */
function tool(id: string, name: string, version: string | undefined, needed: boolean, fix: string): Finding {
  if (version !== undefined) return { id, name, state: 'ok', text: version };
  if (isSupportedPlatform() && needed) return { id, name, state: 'missing', text: 'not found', fix };
  return { id, name, state: 'absent', text: 'not found; not needed now' };
}

async function locate(env: Env): Promise<{ readonly native?: NativeLibrary; readonly finding: Finding }> {
  const about = { id: 'library', name: 'TensorFlow library' };
  try {
    const native = findNative(env);
    if (native) return { native, finding: { ...about, state: 'ok', text: native.lib } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const fix = error.hint === undefined ? {} : { fix: error.hint };
    return { finding: { ...about, state: 'missing', text: error.message, ...fix } };
  }
  if (isSupportedPlatform()) {
    const [size, free] = [peakBytes(releases.cpu), await freeBytes(tensorflowHome(env))].map(formatBytes);
    const text = `not fetched yet: takes ${size} of disk space, ${free} are free`;
    return { finding: { ...about, state: 'missing', text, fix: 'pipe setup' } };
  }
  const text = `${process.platform} ${process.arch}: only the slow JavaScript backend is available`;
  return { finding: { ...about, state: 'absent', text } };
}

async function tryAddons(native: NativeLibrary, env: Env): Promise<Probe | Failure> {
  try {
    return await probeAddons(native, env);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function addonFinding(native?: NativeLibrary, probe?: Probe | Failure): Finding {
  const about = { id: 'addon', name: 'TensorFlow addon' };
  if (probe instanceof Failure) {
    const text = [probe.message, ...probe.details].join(' ');
    return { ...about, state: 'missing', text, ...(probe.hint && { fix: probe.hint }) };
  }
  if (probe) return { ...about, state: 'ok', text: `loads and computes: TensorFlow ${probe.version}` };
  if (isSupportedPlatform() || native)
    return { ...about, state: 'missing', text: 'not there yet', fix: 'pipe setup' };
  return { ...about, state: 'absent', text: 'not needed without the library' };
}

function kernelsFinding(native?: NativeLibrary): Finding {
  const about = { id: 'kernels', name: 'Kernels' };
  if (native === undefined) return { ...about, state: 'absent', text: 'none without the library' };
  if (native.kernels === undefined)
    return { ...about, state: 'absent', text: 'TensorFlow’s own; pipe has none for this processor' };
  if (isComplete(native)) return { ...about, state: 'ok', text: `pipe’s own, for ${native.kernels.set}` };
  return { ...about, state: 'missing', text: 'pipe’s own are not compiled yet', fix: 'pipe setup' };
}

function buildFinding(
  env: Env,
  native: NativeLibrary | undefined,
  probe: Probe | Failure | undefined,
  gpus: readonly string[],
): Finding {
  const about = { id: 'build', name: 'Build' };
  if (env['PIPE_BACKEND'] === 'javascript') {
    const text = 'pure JavaScript, hundreds of times slower, as PIPE_BACKEND asks';
    return { ...about, state: 'absent', text, fix: 'unset PIPE_BACKEND' };
  }
  if (native === undefined || probe === undefined || probe instanceof Failure)
    return { ...about, state: 'absent', text: 'none that works: pure JavaScript, hundreds of times slower' };
  const kind = { cpu: 'CPU', gpu: 'CUDA 12', own: 'your own' }[native.build];
  if (gpus.length === 0 || probe.gpu)
    return { ...about, state: 'ok', text: `${kind}, computing on the ${probe.gpu ? 'GPU' : 'CPU'}` };
  const fix =
    native.build === 'cpu'
      ? 'pipe setup --build gpu'
      : 'the CUDA 12 build needs an NVIDIA driver of version 525 or newer';
  return { ...about, state: 'absent', text: `${kind}: the GPU is not used`, fix };
}

function onednnFinding(env: Env): Finding {
  const about = { id: 'onednn', name: 'oneDNN' };
  if (env['TF_ENABLE_ONEDNN_OPTS'] !== '0')
    return { ...about, state: 'ok', text: 'on (pipe sets TF_ENABLE_ONEDNN_OPTS=1)' };
  const text = 'off: training takes 1.3 to 1.6 times as long without AVX-512';
  return { ...about, state: 'absent', text, fix: 'unset TF_ENABLE_ONEDNN_OPTS' };
}
