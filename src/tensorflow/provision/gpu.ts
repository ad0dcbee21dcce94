import { collectGpus } from '../../host/gpus.ts';
import type { Env } from '../../core/env.ts';

/** Names of the NVIDIA GPUs that are visible to TensorFlow; none if CUDA_VISIBLE_DEVICES hides them. */
export async function visibleGpus(env: Env): Promise<readonly string[]> {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  return visible === '' || visible === '-1' ? [] : collectGpus();
}
