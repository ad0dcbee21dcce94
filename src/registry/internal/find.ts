import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import { experimentNumber } from './ids.ts';
import { wasGiven } from './numbers.ts';
import { experimentIds, readEntry, withNewestMetrics } from './reader.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import { readTagFolder } from './tags.ts';
import type { TagFolder } from '../types.ts';
import type { StoredExperiment } from '../stored.ts';

const LIST = 'pipe list shows what there is';
/** Most tags to list where none matches. */
const NAMED_TAGS = 10;

/** One experiment by id. @throws Failure, exit code 2 when there is none. */
export async function readExperiment(registry: string, id: string): Promise<StoredExperiment> {
  if (experimentNumber(id) === undefined) throw notAReference(registry, id, readTagFolder(registry));
  const entry = await readEntry(registry, id);
  if (entry === undefined) throw (await removed(registry, id)) ?? unknownExperiment(registry, id);
  if (!('problem' in entry)) return withNewestMetrics(entry);
  throw new Failure({
    code: 'unreadable-experiment',
    message: `${id} ${entry.problem}`,
    details: [`Its folder is ${printable(entry.dir)}, with ${contents(entry.dir)}.`],
    hint: entry.hint ?? `Copy the folder again from where it came from, or remove it: pipe rm --force ${id}`,
  });
}

/** Imported on demand: most commands find their experiment. */
async function removed(registry: string, id: string): Promise<Failure | undefined> {
  const { removedExperiment } = await import('./removed.ts');
  return removedExperiment(registry, id);
}

/** Most names of a folder's content in a message. */
const MOST_NAMES = 20;

function contents(dir: string): string {
  const names = onStorage('read', dir, () => readdirSync(dir).sort());
  const shown = names.slice(0, MOST_NAMES).map(printable);
  const others = names.length > shown.length ? [`${names.length - shown.length} more`] : [];
  return [...shown, ...others].join(', ') || 'nothing in it';
}

/** Finds an experiment by `exp-3`, `latest`, `latest:<pipeline>`, or a tag. */
export async function findExperiment(registry: string, reference: string): Promise<StoredExperiment> {
  const latest = /^latest(?::(?<pipeline>.+))?$/s.exec(reference);
  if (latest !== null) return findLatest(registry, reference, latest.groups?.['pipeline']);
  if (experimentNumber(reference) !== undefined) return readExperiment(registry, reference);
  return findTagged(registry, reference);
}

async function findTagged(registry: string, tag: string): Promise<StoredExperiment> {
  const folder = readTagFolder(registry);
  const id = folder.tags.get(tag);
  if (id === undefined) throw notAReference(registry, tag, folder);
  if (existsSync(join(registry, id))) return readExperiment(registry, id);
  throw (
    (await removed(registry, id)) ??
    new Failure({
      code: 'tag-without-experiment',
      exitCode: 2,
      message: `tag ${tag} points to ${id}, which is gone from ${printable(registry)}`,
      hint: `pipe tag --force <experiment> ${tag} moves it, pipe tag --delete ${tag} removes it`,
    })
  );
}

async function findLatest(
  registry: string,
  reference: string,
  pipeline: string | undefined,
): Promise<StoredExperiment> {
  const others: StoredExperiment[] = [];
  for (const id of experimentIds(registry).reverse()) {
    const entry = await readEntry(registry, id);
    if (entry === undefined || 'problem' in entry) continue;
    const isWanted = pipeline === undefined || entry.record.pipeline.name === pipeline;
    if (isWanted && entry.status === 'finished') return entry;
    others.push(entry);
  }
  throw noMatchYet(registry, reference, pipeline, others);
}

function noMatchYet(
  registry: string,
  reference: string,
  pipeline: string | undefined,
  experiments: readonly StoredExperiment[],
): Failure {
  const names = [...new Set(experiments.map(({ record }) => record.pipeline.name))];
  const same = experiments.filter(
    ({ record }) => pipeline === undefined || record.pipeline.name === pipeline,
  );
  const details = same.slice(0, 5).map(({ id, status }) => `${id} is ${status}.`);
  if (pipeline !== undefined && same.length === 0 && names.length > 0)
    details.push(`Pipelines there: ${names.map(printable).join(', ')}.${suggestion(pipeline, names)}`);
  return new Failure({
    code: 'no-match-yet',
    exitCode: 2,
    message: `no finished experiment matches "${shortened(reference)}" in ${printable(registry)}`,
    details,
    hint: LIST,
  });
}

function unknownExperiment(registry: string, id: string): Failure {
  const ids = experimentIds(registry);
  const newest = ids.slice(-5).reverse().join(', ');
  return new Failure({
    code: 'unknown-experiment',
    exitCode: 2,
    message: `there is no experiment ${id} in ${printable(registry)}`,
    details: [
      ...(wasGiven(registry, id) ? ['There was one, which was removed for good.'] : []),
      ids.length === 0 ? 'It has no experiments.' : `The newest are ${newest}.`,
    ],
    hint: LIST,
  });
}

function notAReference(registry: string, text: string, { tags, damaged }: TagFolder): Failure {
  const number = /^(?:exp(?:eriment)?[-_ ]?)?0*([1-9]\d{0,14})$/i.exec(text)?.[1];
  const meant = number === undefined ? '' : `; did you mean "exp-${number}"?`;
  const names = [...tags.keys()];
  const some = names.length > NAMED_TAGS ? [...names.slice(0, NAMED_TAGS), '…'] : names;
  return new Failure({
    code: 'bad-reference',
    exitCode: 2,
    message: damaged.includes(text)
      ? `tag ${text} is damaged: its file names no experiment`
      : `"${shortened(text)}" names no experiment${meant}`,
    details: [
      'An experiment is named as exp-3, latest, latest:<pipeline>, or by a tag.',
      ...(names.length === 0 ? [] : [`Tags: ${some.join(', ')}.${suggestion(text, names)}`]),
    ],
    hint: `${LIST} (${printable(registry)})`,
  });
}

const shortened = (text: string) => printable(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function suggestion(name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  return meant === undefined ? '' : ` ${printable(meant)}`;
}
