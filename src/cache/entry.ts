/** `experiments/.cache/<fingerprint>/entry.json`: the outputs of a stage and what they were made from. */
import type { Artifact } from '../core/artifacts.ts';
import type { StageRecord } from '../core/experiment.ts';
import type { HashedFile } from '../storage/file-hashes.ts';
import { readRegularFile } from '../storage/read-file.ts';
import { sha256 } from '../core/sha256.ts';
import type { FingerprintParts } from './fingerprint.ts';

/** Largest entry to read, in bytes: it has a hash for each file. */
const LIMIT = 256 * 1024 * 1024;

export interface CacheEntry {
  readonly version: 1;
  readonly fingerprint: string;
  readonly parts: FingerprintParts;
  /** The experiment in which the stage ran. */
  readonly experiment: string;
  /** The TensorFlow backend that it loaded, or null. */
  readonly backend: string | null;
  /** The environment variables that it or a preceding stage read, in the form of its record. */
  readonly variables?: StageRecord['variables'];
  readonly report: string | null;
  /** With folders relative to the experiment. */
  readonly outputs: Readonly<Record<string, Artifact>>;
  /** Folders within the output folder. */
  readonly folders: readonly string[];
  /** `output/…`, and `metrics.jsonl` with the stage's points. */
  readonly files: readonly HashedFile[];
  /** Published files, relative to the output folder. */
  readonly published: readonly string[];
}

/** In an entry's folder: this document, and the stage's output folder. */
export const ENTRY = 'entry.json';
export const OUTPUT = 'output';

/** Files of the stage's output folder, by path relative to it. */
export const outputFiles = ({ files }: CacheEntry): readonly HashedFile[] =>
  files
    .filter(({ path }) => path.startsWith(`${OUTPUT}/`))
    .map(file => ({ ...file, path: file.path.slice(OUTPUT.length + 1) }));

/** The entry's text, with a checksum. */
export function serializeEntry(entry: CacheEntry): string {
  const text = JSON.stringify(entry);
  return `{"sha256":"${sha256(text)}","entry":${text}}\n`;
}

/** Reads an entry: undefined where there is none, `damaged` where it differs from what was written. */
export function readEntry(path: string): CacheEntry | 'damaged' | undefined {
  const reading = readRegularFile(path, LIMIT);
  if ('problem' in reading) return reading.problem === 'missing' ? undefined : 'damaged';
  try {
    const stored = JSON.parse(reading.content.toString()) as {
      readonly sha256: string;
      readonly entry: CacheEntry;
    };
    const isIntact = stored.sha256 === sha256(JSON.stringify(stored.entry)) && stored.entry.version === 1;
    return isIntact ? stored.entry : 'damaged';
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return 'damaged';
    throw error;
  }
}
