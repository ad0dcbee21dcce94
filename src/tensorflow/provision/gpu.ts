import { collectGpus } from '../../host/gpus.ts';
import type { Env } from './layout.ts';

/** Names of the NVIDIA GPUs that TensorFlow may use; none where CUDA_VISIBLE_DEVICES hides them. */
export async function visibleGpus(env: Env): Promise<readonly string[]> {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  return visible === '' || visible === '-1' ? [] : collectGpus();
}
