import type { Artifact } from '../../core/artifacts.ts';
import { printable } from '../../core/printable.ts';
import { hasResult, type Registry, type StoredExperiment } from '../../registry/index.ts';
import { readStage, type Stage } from '../../verify/documents.ts';

/** Longest text to show, in characters. */
const LONGEST_TEXT = 40;

/**
 * A row for each output: its name, its kind and its short fields. User kinds are shown as recorded, without loading their
 * definitions.
 */
export async function outputRows(
  { record, dir }: StoredExperiment,
  registry: Registry,
): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for (const { id } of record.stages.filter(hasResult)) {
    const reading = await readStage(dir, `stages/${id}/stage.json`, registry);
    if ('problem' in reading) continue;
    const { outputs, kinds = {} } = reading.document;
    for (const [name, artifact] of Object.entries(outputs))
      rows.push([`${id}.${name}`, ...(await described(artifact as Partial<Artifact> | null, kinds))]);
  }
  return rows.map(row => row.map(printable));
}

type Kinds = NonNullable<Stage['kinds']>;

async function described(artifact: Partial<Artifact> | null, kinds: Kinds): Promise<readonly string[]> {
  const name = artifact?.kind;
  if (artifact === null || typeof name !== 'string') return ['no artifact', ''];
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const values = Object.entries(artifact).flatMap(([field, value]) =>
    isWorthShowing(field, value, kind) ? [`${field} ${String(value)}`] : listWords(field, value),
  );
  const faults = kind === undefined ? [] : await faultsOf(kind, artifact as Artifact);
  return [name, [...values, ...faults].join(', ')];
}

/** `shape 32×32×3` of sizes, `10 classes` of names. */
function listWords(field: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return [];
  if (value.every(each => typeof each === 'number')) return [`${field} ${value.join('×')}`];
  return value.every(each => typeof each === 'string') ? [`${value.length} ${field}`] : [];
}

/** True for fields worth showing: numbers and flags, and for a user's kind, whose file fields are known, short texts as well. */
function isWorthShowing(field: string, value: unknown, kind: Kinds[string] | undefined): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  if (kind === undefined || field === 'kind' || field === 'dir') return false;
  const isFile = kind.files.some(place => place.split('/')[0] === field);
  return typeof value === 'string' && value.length <= LONGEST_TEXT && !isFile;
}

async function faultsOf(kind: Kinds[string], artifact: Artifact): Promise<readonly string[]> {
  const { recordedFaults } = await import('../../core/artifacts/field-faults.ts');
  return recordedFaults(kind, artifact).map(fault => `does not fit its kind: ${fault}`);
}
