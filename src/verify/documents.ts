/** Checks of experiment.json and stage.json as documents: valid and unchanged. */
import { join } from 'node:path';
import type { StageDocument } from '../core/experiment.ts';
import { parseJson } from '../core/parse-json.ts';
import { checkDocument } from '../storage/checksum.ts';
import { readRegularFile } from '../storage/read-file.ts';
import type { Registry } from '../registry/index.ts';
import type { Problem } from './report.ts';

/** The largest document, in bytes. */
const LIMIT = 256 * 1024 * 1024;

export type Stage = StageDocument;

type Reading<T> = { readonly document: T } | { readonly problem: Problem };

/** Reads a JSON object and checks its checksum, if any. */
export function readDocument(root: string, path: string): Reading<object> {
  const wrong = (kind: Problem['kind'], words: string) => ({ problem: { kind, path, words } });
  const reading = readRegularFile(join(root, path), LIMIT);
  if ('problem' in reading) {
    const { problem } = reading;
    if (problem === 'missing') return wrong('missing', '');
    if (problem === 'not-a-file') return wrong('changed', 'it is not a file any more');
    return wrong(
      'unreadable',
      problem === 'too-large' ? 'it is far too large' : `it cannot be read (${problem})`,
    );
  }
  const document = parseJson(reading.content.toString());
  if (typeof document !== 'object' || document === null) return wrong('changed', 'it is not valid JSON');
  if (checkDocument(document) === 'changed') return wrong('changed', 'its content is not what was recorded');
  return { document };
}

/** Reads stage.json, also checking its schema. */
export async function readStage(root: string, path: string, registry: Registry): Promise<Reading<Stage>> {
  const reading = readDocument(root, path);
  if ('problem' in reading) return reading;
  const { document } = reading;
  const words = await registry.stageDocumentFault(document);
  return words === undefined
    ? { document: document as Stage }
    : { problem: { kind: 'changed', path, words } };
}
