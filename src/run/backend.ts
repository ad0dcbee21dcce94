import { tensorFlowCode } from './stage-code.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Which TensorFlow a stage would get, told without loading it: its kind, and a hash of pipe's own code around it. */
export async function backendKey(env: Env): Promise<string> {
  return `${await backendKind(env)} ${await tensorFlowCode()}`;
}

async function backendKind(env: Env): Promise<string> {
  if (env['PIPE_BACKEND'] === 'javascript') return 'javascript';
  const { findNative, isReady } = await import('../tensorflow/provision/find-native.ts');
  const native = findNative(env);
  if (native === undefined || !isReady(native)) return 'javascript';
  return native.build === 'own' ? `own:${encodeURIComponent(native.lib)}` : `native-${native.build}`;
}
