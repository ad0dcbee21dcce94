import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds that nvidia-smi may take. */
const TIMEOUT = 5000;

/** Names of the NVIDIA GPUs, from nvidia-smi or the driver's folder; none where there is neither. */
export async function collectGpus({
  command = 'nvidia-smi',
  driver = '/proc/driver/nvidia/gpus',
} = {}): Promise<string[]> {
  const { execa } = await import('execa');
  const { failed, stdout } = await execa(command, ['-L'], { reject: false, timeout: TIMEOUT });
  return failed ? fromDriver(driver) : parseNvidiaSmi(stdout);
}

/** From `GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-…)`. */
export function parseNvidiaSmi(text: string): string[] {
  return [...text.matchAll(/^GPU \d+: (.+?)(?: \(UUID: .*)?$/gm)].map(([, name = '']) => name);
}

function fromDriver(folder: string): string[] {
  let gpus: string[];
  try {
    gpus = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [];
  }
  return gpus.map(gpu => {
    const information = readFileSync(join(folder, gpu, 'information'), 'utf8');
    return /^Model:\s*(.+)$/m.exec(information)?.[1] ?? 'NVIDIA GPU';
  });
}
