import { isDeepStrictEqual } from 'node:util';
import { cut } from '../core/format.ts';
import type { SweepDefinition } from './definition.ts';
import type { SweepDraft } from './read-file.ts';

/** What decides about trials, and its name in a sweep's file. */
const DECISIVE = {
  method: 'method',
  space: 'what varies',
  points: 'points',
  set: 'set',
  seeds: 'seeds',
  objective: 'objective',
  where: 'where',
  early: 'stop',
  seed: 'seed',
} as const satisfies Partial<Record<keyof SweepDraft, string>>;

/** Descriptions of what differs between a stored sweep and its file as it is now; none where trials would be the same. */
export function differencesFrom(definition: SweepDefinition, draft: SweepDraft): readonly string[] {
  const keys = Object.keys(DECISIVE) as (keyof typeof DECISIVE)[];
  // As JSON: absent and undefined are alike.
  const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));
  const differing = keys.filter(key => !isDeepStrictEqual(plain(definition[key]), plain(draft[key])));
  return [
    ...differing.map(key => `${DECISIVE[key]}: ${show(definition[key])} then, ${show(draft[key])} now`),
    ...pipelineDifferences(definition, draft),
  ];
}

function pipelineDifferences({ pipelines }: SweepDefinition, draft: SweepDraft): readonly string[] {
  const names = (all: SweepDraft['pipelines']) => all.map(({ written }) => written).join(', ');
  if (names(pipelines) !== names(draft.pipelines))
    return [`pipeline: ${names(pipelines)} then, ${names(draft.pipelines)} now`];
  return pipelines
    .filter(({ sha256 }, index) => draft.pipelines[index]?.sha256 !== sha256)
    .map(({ file }) => `${file} was edited`);
}

/** Most characters of a value. */
const ROOM = 60;

const show = (value: unknown): string => cut(JSON.stringify(value) ?? 'nothing', ROOM);
