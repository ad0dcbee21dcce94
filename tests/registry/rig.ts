/**
 * A registry in a temporary folder, and processes of their own that write to it. Importing this file registers the removal
 * of the folders after the file's tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterAll } from 'vitest';
import {
  openRegistry,
  type ExperimentWriter,
  type NewExperiment,
  type Registry,
} from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';

const folders: string[] = [];
const mounted: string[] = [];

afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, without symbolic links in its path. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-registry-')));
  folders.push(folder);
  return folder;
}

/** A file system of 2 MB in memory; undefined where this user may not mount one. */
export function smallFileSystem(): string | undefined {
  const folder = temporaryFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  if (status !== 0) return undefined;
  mounted.push(folder);
  return folder;
}

/** The same with a file that leaves so many kB of it free, until `makeRoom` removes it. */
export function almostFullFileSystem(kilobytes: number) {
  const folder = smallFileSystem();
  if (folder === undefined) return undefined;
  const { bavail, bsize } = statfsSync(folder);
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - kilobytes * 1024));
  return {
    folder,
    makeRoom: () => {
      rmSync(filler);
    },
  };
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

const programs = new Map<string, Promise<string>>();

/** Builds a program of the tests once. */
function built(source: URL): Promise<string> {
  const known = programs.get(source.href);
  if (known !== undefined) return known;
  const outfile = join(temporaryFolder(), 'program.mjs');
  const building = build({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }).then(() => outfile);
  programs.set(source.href, building);
  return building;
}

export type WriterTask = 'claim' | 'hang' | 'write' | 'whole';

/**
 * Starts writer-process.ts on a registry. It prints a line for each thing done: `claimed exp-1`, `began exp-1`,
 * `failed <code>: <message>`. `fileLimit` is the largest file that it may write, in kB.
 */
export const startWriter = (task: WriterTask, dir: string, fileLimit?: number, env?: NodeJS.ProcessEnv) =>
  startProgram(new URL('writer-process.ts', import.meta.url), [task, dir], fileLimit, env);

/** Starts a program of the tests. `fileLimit` is the largest file that it may write, in kB. */
export async function startProgram(
  source: URL,
  args: readonly string[],
  fileLimit?: number,
  env: NodeJS.ProcessEnv = {},
) {
  const command = [process.execPath, await built(source), ...args];
  const limited = ['bash', '-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, ...command];
  const [file = '', ...rest] = fileLimit === undefined ? command : limited;
  const subprocess = execa(file, rest, { reject: false, env });
  let output = '';
  const printed = (wanted: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => wanted.test(output) && resolve();
      look();
      subprocess.stdout.on('data', look).once('end', () => {
        reject(new Error(`the program ended before it printed ${String(wanted)}: ${output}`));
      });
    });
  subprocess.stdout.on('data', (data: Buffer) => (output += data.toString()));
  return { subprocess, printed };
}
