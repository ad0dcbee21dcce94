/** A registry with everything that `pipe verify` looks at, and ways to damage it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StageCache } from '../../src/cache/cache.ts';
import type { ExperimentWriter, NewExperiment, Registry } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';
import { temporaryRegistry } from '../registry/rig.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

export const ran = { status: 'ran', report: null, reason: null } as const;

const recorded = (path: string, content: string) => ({
  path,
  bytes: content.length,
  sha256: sha256(content),
});

/** Like what git and the pipeline's files give. */
const provenance = {
  git: { commit: 'c', branch: null, dirty: true, patch: recorded('source/changes.patch', 'patch') },
  source: { root: '/project', files: [{ ...recorded('x.yaml', 'name: x'), copy: 'source/files/x.yaml' }] },
  sourceFiles: [
    { path: 'source/changes.patch', content: Buffer.from('patch') },
    { path: 'source/files/x.yaml', content: Buffer.from('name: x') },
  ],
} satisfies Partial<NewExperiment>;

export const fingerprint = sha256('data');

/** An experiment of one stage, `data`, that has two files, one of them published. */
export async function recordData(registry: Registry, stages = ['data']): Promise<ExperimentWriter> {
  const given = stages.map(id => ({ id, use: id, version: 1 }));
  const writer = await registry.claim(newExperiment({ ...provenance, stages: given }));
  const output = await writer.beginStage('data');
  mkdirSync(join(output, 'checkpoints'));
  writeFileSync(join(output, 'images.u8'), 'images');
  writeFileSync(join(output, 'checkpoints/weights'), 'weights');
  writer.metric('data', { type: 'metric', step: 1, values: { images: 6 } }, {});
  writer.log('data', 'read\n');
  await writer.publish('data', 'images.u8');
  await writer.endStage('data', ran, { files: { kind: 'files', dir: output, files: ['images.u8'] } });
  return writer;
}

/** exp-1, finished, its stage in the cache, and the tag best that names it. */
export async function registryOfOne() {
  const registry = temporaryRegistry();
  const writer = await recordData(registry);
  const { dir } = writer;
  const about = { parts: {} as never, backend: null, report: null, outputs: {} };
  await new StageCache(registry.dir).put(
    { stage: 'data', writer, fingerprint, ...about },
    { replace: false },
  );
  await writer.finish('finished', null);
  const cwd = dirname(registry.dir);
  await runMain(['tag', 'exp-1', 'best'], cwd);
  return { registry, dir, cwd, verify: (...argv: string[]) => runMain(['verify', ...argv], cwd) };
}

/** Changes one byte, and nothing that the file system tells of the file. */
export function flip(path: string, position = 0): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[position] = (bytes[position] as number) ^ 1;
  // In place: a new file would be another inode.
  writeFileSync(path, bytes, { flag: 'r+' });
  utimesSync(path, atime, mtime);
}

/** Without what differs from run to run. */
export const plain = (text: string): string => text.replace(/read in [\d.]+ s/, 'read in <time>');
