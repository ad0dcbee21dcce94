/**
 * A registry in a temporary folder, and processes of their own that write to it. Importing this file registers the removal
 * of the folders after the file's tests.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterAll } from 'vitest';
import { openRegistry } from '../../src/registry/registry.ts';
import type { ExperimentWriter, NewExperiment, Registry } from '../../src/registry/types.ts';
import { newExperiment } from './experiment.ts';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, without symbolic links in its path. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-registry-')));
  folders.push(folder);
  return folder;
}

export const temporaryRegistry = (): Registry => openRegistry(join(temporaryFolder(), 'experiments'));

/** An experiment that has run and finished, with one metric. */
export async function finishedExperiment(
  registry: Registry,
  changes: Partial<NewExperiment> & { readonly loss?: number; readonly accuracy?: number } = {},
): Promise<ExperimentWriter> {
  const { loss = 0.7, accuracy = 0.5, ...given } = changes;
  const writer = await registry.claim(newExperiment(given));
  await writer.beginStage('train');
  writer.metric(
    'train',
    { type: 'metric', step: 1, epoch: 1, values: { d_loss: loss, d_accuracy: accuracy } },
    {
      d_loss: { description: 'Loss of the discriminator.', direction: 'none' },
      d_accuracy: { description: 'Accuracy of the discriminator.', direction: 'max' },
    },
  );
  await writer.endStage('train', { status: 'ran', report: 'one iteration', reason: null }, {});
  await writer.finish('finished', null);
  return writer;
}

let program: Promise<string> | undefined;

/** Builds writer-process.ts once. */
function writerProgram(): Promise<string> {
  program ??= (async () => {
    const outfile = join(temporaryFolder(), 'writer.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('writer-process.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'warning',
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    return outfile;
  })();
  return program;
}

export type WriterTask = 'claim' | 'hang' | 'write';

/**
 * Starts writer-process.ts on a registry. It prints a line for each thing done: `claimed exp-1`, `began exp-1`,
 * `failed <code>: <message>`. `fileLimit` is the largest file that it may write, in kB.
 */
export async function startWriter(task: WriterTask, dir: string, fileLimit?: number) {
  const command = [process.execPath, await writerProgram(), task, dir];
  const limited = ['bash', '-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, ...command];
  const [file = '', ...args] = fileLimit === undefined ? command : limited;
  const subprocess = execa(file, args, { reject: false });
  let output = '';
  const printed = (wanted: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => wanted.test(output) && resolve();
      look();
      subprocess.stdout.on('data', look).once('end', () => {
        reject(new Error(`the writer ended before it printed ${String(wanted)}: ${output}`));
      });
    });
  subprocess.stdout.on('data', (data: Buffer) => (output += data.toString()));
  return { subprocess, printed };
}
