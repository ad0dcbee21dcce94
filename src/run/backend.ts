import { basename } from 'node:path';
import type { Environment } from '../core/experiment.ts';
import { packageVersions } from '../host/environment.ts';
import { packageRoot } from '../host/paths.ts';
import { tensorFlowCode } from './stage-code.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Which TensorFlow a stage would get, told without loading it: its kind, and a hash of pipe's own code around it. */
export async function backendKey(env: Env): Promise<string> {
  const { kind, kernels } = await backendKind(env);
  return `${kind} ${await tensorFlowCode()}${kernels}`;
}

/** The kind, and which version of our kernels goes with it. */
async function backendKind(env: Env): Promise<{ readonly kind: string; readonly kernels: string }> {
  const javascript = { kind: 'javascript', kernels: '' };
  if (env['PIPE_BACKEND'] === 'javascript') return javascript;
  const [{ findNative, isReady }, { compiled }] = await Promise.all([
    import('../tensorflow/provision/find-native.ts'),
    import('../tensorflow/provision/kernels.ts'),
  ]);
  const native = findNative(env);
  if (native === undefined || !isReady(native)) return javascript;
  const kernels = compiled(native.kernels);
  return {
    kind: native.build === 'own' ? `own:${encodeURIComponent(native.lib)}` : `native-${native.build}`,
    kernels: kernels === undefined ? '' : ` ${basename(kernels.addon)}`,
  };
}

/** What a record would say of the TensorFlow that a stage would get; undefined where only loading it tells. */
export async function expectedTensorFlow(env: Env): Promise<Environment['tensorflow'] | undefined> {
  const { kind } = await backendKind(env);
  if (kind === 'javascript') {
    const name = '@tensorflow/tfjs';
    return { kind, version: packageVersions(packageRoot, [name])[name] ?? 'unknown' };
  }
  const { TENSORFLOW_VERSION } = await import('../tensorflow/provision/release.ts');
  // The CUDA build computes on the CPU where there is no GPU, and a library of the user's is of any version.
  return kind === 'native-cpu' ? { kind, version: TENSORFLOW_VERSION } : undefined;
}
