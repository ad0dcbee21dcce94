/** A program: writes a checkpoint of 4 kB and one of 40 kB in its place, and prints what the system refuses. */
import { errorCode } from '../../src/core/system-error.ts';
import { writeCheckpoint } from '../../src/training/checkpoint.ts';

const [folder = ''] = process.argv.slice(2);
const noise = { generator: [1, 2, 3, 4], spare: null };
const retention = { every: 5, iterations: 10, keep: 1, keepEvery: 0 };

try {
  for (const [iteration, size] of [[5, 1000] as const, [10, 10_000] as const])
    await writeCheckpoint(
      folder,
      { iteration, noise, state: { weights: new Float32Array(size) } },
      retention,
    );
} catch (error) {
  process.stdout.write(errorCode(error) ?? String(error));
}
