import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { sha256 } from '../../core/sha256.ts';
import type { Environment } from '../../core/experiment.ts';
import { packageVersions } from '../../host/packages.ts';
import { packageRoot } from '../../host/paths.ts';
import { computeThreads } from '../../host/processors.ts';
import { tensorFlowCode } from './stage-code.ts';
import type { Env } from '../../core/env.ts';

/**
 * Identity of the TensorFlow that a stage would get, without loading it: its kind, a hash of pipe's own code around it, and then,
 * each percent-encoded, pipe's kernels, the number of threads, the GPUs, and the variables that change what it computes.
 */
export async function backendKey(env: Env): Promise<string> {
  const { kind, details } = await backendKind(env);
  return [kind, tensorFlowCode(), ...details.map(encodeURIComponent)].join(' ');
}

/** Differences between two identities, for messages: `TF_ENABLE_ONEDNN_OPTS 0 → –`. */
export function backendChange(then: string, now: string): string {
  const [[kind, code, ...details], [kindNow, codeNow, ...detailsNow]] = [parts(then), parts(now)] as const;
  if (kind !== kindNow) return `TensorFlow ${kind ?? '–'} → ${kindNow ?? '–'}`;
  if (code !== codeNow) return 'pipe’s TensorFlow code changed';
  const [before, after] = [settings(details), settings(detailsNow)];
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .filter(name => before.get(name) !== after.get(name))
    .map(name => `${name} ${before.get(name) ?? '–'} → ${after.get(name) ?? '–'}`);
  return changes.join(', ') || 'TensorFlow differs';
}

const parts = (key: string): readonly string[] => key.split(' ').map(decodeURIComponent);

const settings = (details: readonly string[]): ReadonlyMap<string, string> =>
  new Map(details.map(detail => [detail.replace(/=.*/s, ''), detail.replace(/^[^=]*=/, '')]));

async function backendKind(
  env: Env,
): Promise<{ readonly kind: string; readonly details: readonly string[] }> {
  const javascript = { kind: 'javascript', details: [] };
  if (env['PIPE_BACKEND'] === 'javascript') return javascript;
  const [{ findNative, isReady }, { compiled }, { visibleGpus }, { numericVariables }] = await Promise.all([
    import('../../tensorflow/provision/find-native.ts'),
    import('../../tensorflow/provision/kernels.ts'),
    import('../../tensorflow/provision/gpu.ts'),
    import('../../tensorflow/numeric-variables.ts'),
  ]);
  const native = findNative(env);
  if (native === undefined || !isReady(native)) return javascript;
  const kernels = compiled(native.kernels);
  const gpus = native.build === 'cpu' ? [] : await visibleGpus(env);
  return {
    kind: native.build === 'own' ? `own:${encodeURIComponent(native.lib)}` : `native-${native.build}`,
    details: [
      ...(kernels === undefined ? [] : [`kernels=${contentOf(kernels.addon)}`]),
      // TensorFlow splits sums by threads: with another number the last digits differ.
      `threads=${computeThreads(env)}`,
      ...gpus.map((name, index) => `GPU ${index}=${name}`),
      ...numericVariables(env),
    ],
  };
}

/** An addon's name and content: another compiler gives other last digits. */
const contentOf = (addon: string): string => `${basename(addon)}:${sha256(readFileSync(addon)).slice(0, 12)}`;

/** The record's entry for the TensorFlow that a stage would get; undefined where that is known only after loading. */
export async function expectedTensorFlow(env: Env): Promise<Environment['tensorflow'] | undefined> {
  const { kind } = await backendKind(env);
  if (kind === 'javascript') {
    const name = '@tensorflow/tfjs';
    return { kind, version: packageVersions(packageRoot, [name])[name] ?? 'unknown' };
  }
  const { TENSORFLOW_VERSION } = await import('../../tensorflow/provision/release.ts');
  // The CUDA build falls back to the CPU without a GPU, and a user's library may have any version.
  return kind === 'native-cpu' ? { kind, version: TENSORFLOW_VERSION } : undefined;
}
