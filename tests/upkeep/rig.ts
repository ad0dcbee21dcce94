/** Experiments whose stages share their files with the cache, as those of `pipe run` do. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StageCache } from '../../src/cache/cache.ts';
import type { Artifact } from '../../src/core/artifacts.ts';
import type { ExperimentWriter, NewExperiment, Registry } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** Of a stage that writes a text. */
export const fingerprintOf = (stage: string, text: string): string => sha256(`${stage}\n${text}`);

export interface Given extends Partial<Omit<NewExperiment, 'stages'>> {
  /** What each stage writes into `text.txt`; the artifact of another experiment is taken over, as with `--from`. */
  readonly texts?: Readonly<Record<string, string | Artifact>>;
  /** By default it finishes; null leaves it running. */
  readonly end?: 'finished' | 'failed' | 'interrupted' | null;
}

/** Counts trainings, so that each writes other weights. */
let weights = 0;

/** Runs an experiment of the pipeline `cgan`, with stages `data` and `train` unless others are given. */
export async function experiment(registry: Registry, given: Given = {}): Promise<ExperimentWriter> {
  const { texts = { data: 'pixels', train: `weights ${++weights}` }, end = 'finished', ...rest } = given;
  const stages = Object.keys(texts).map(id => ({ id, use: id, version: 1 }));
  const writer = await registry.claim(newExperiment({ ...rest, stages }));
  for (const [stage, text] of Object.entries(texts)) await runStage(registry, writer, stage, text);
  if (end !== null) await writer.finish(end, null);
  return writer;
}

async function runStage(
  registry: Registry,
  writer: ExperimentWriter,
  stage: string,
  text: string | Artifact,
) {
  if (typeof text !== 'string') {
    await writer.endStage(stage, { status: 'reused', report: null, reason: 'as given' }, { files: text });
    return;
  }
  const cache = new StageCache(registry.dir);
  const fingerprint = fingerprintOf(stage, text);
  const found = await cache.find(fingerprint);
  if (found !== undefined && 'entry' in found) {
    const taken = await writer.restoreStage(stage, output => cache.take(found.entry, output, writer));
    if (taken === undefined || 'damaged' in taken) throw new Error('not taken');
    const end = { status: 'reused', report: null, reason: null, fingerprint } as const;
    await writer.endStage(stage, end, taken.outputs);
    return;
  }
  const output = await writer.beginStage(stage);
  writeFileSync(join(output, 'text.txt'), text);
  writer.metric(stage, { type: 'metric', step: 1, values: { length: text.length } }, {});
  await writer.publish(stage, 'text.txt');
  const outputs = { files: { kind: 'files', dir: output, files: ['text.txt'] } } as const;
  await writer.endStage(stage, { status: 'ran', report: null, reason: null, fingerprint }, outputs);
  const parts = {
    id: stage,
    stage,
    version: 1,
    code: '',
    params: {},
    seed: 1,
    content: [],
    packages: {},
    inputs: {},
  };
  const about = { stage, writer, report: null, outputs, fingerprint, parts };
  await cache.put({ ...about, backend: null }, { replace: false });
}

/** The output of a stage, for an experiment that takes it over. */
export const outputOf = (dir: string, stage: string): Artifact => ({
  kind: 'files',
  dir: join(dir, 'stages', stage, 'output'),
  files: ['text.txt'],
});

/** Runs a command on a registry in this process. */
export const pipe = (registry: Registry, ...args: readonly string[]) => runMain(args, dirname(registry.dir));

/** Every file below a folder: its path, content and inode. */
export function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => `${path} ${lstatSync(path).ino} ${sha256(readFileSync(path))}`)
    .sort();
}

/** Bytes of the files below a folder, each once however many names it has there. */
export function bytesOf(folder: string): number {
  const files = new Map<number, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const { ino, size } = lstatSync(join(entry.parentPath, entry.name));
    if (!entry.isDirectory()) files.set(ino, size);
  }
  return [...files.values()].reduce((sum, size) => sum + size, 0);
}

export const cached = (registry: Registry): string[] =>
  readdirSync(join(registry.dir, '.cache')).filter(name => name !== 'digests');

export const trashed = (registry: Registry): string[] =>
  readdirSync(join(registry.dir, '.trash')).map(name => name.split(',').slice(1).join(' '));

export const ids = async (registry: Registry): Promise<readonly string[]> =>
  (await registry.list()).experiments.map(({ id }) => id);
