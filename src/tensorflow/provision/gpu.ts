import type { Env } from './layout.ts';

/** The NVIDIA GPUs of this machine, such as `NVIDIA H100, driver 550.54`; none where CUDA_VISIBLE_DEVICES hides them. */
export async function listGpus(env: Env): Promise<readonly string[]> {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (visible === '' || visible === '-1') return [];
  const { execa } = await import('execa');
  const result = await execa('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  if (result.failed) return [];
  const lines = result.stdout.split('\n').filter(line => line.trim() !== '');
  return lines.map(line => line.replace(/,\s*/, ', driver '));
}
