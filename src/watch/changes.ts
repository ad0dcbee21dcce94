import { isDeepStrictEqual } from 'node:util';
import { differencesIn } from '../run/fingerprint/parameters.ts';
import type { WatchedPipeline, WatchedStage } from './pipeline.ts';

/** Most characters of a value to show. */
const LONGEST_VALUE = 60;

/** Differences between two pipelines, a line each: `train.learningRate 0.0002 → 0.0004`. Empty for equivalent ones. */
export function describeChanges(before: WatchedPipeline, after: WatchedPipeline): readonly string[] {
  const removed = before.stages.filter(stage => !find(after, stage.id));
  const added = after.stages.filter(stage => !find(before, stage.id));
  const kept = after.stages.flatMap(now => {
    const then = find(before, now.id);
    return then ? [{ then, now }] : [];
  });
  return [
    ...changed('name', before.name, after.name),
    ...changed('seed', before.seed, after.seed),
    ...removed.map(stage => `stage ${stage.id} removed`),
    ...added.map(stage => `stage ${stage.id} added (${stage.use})`),
    ...movedStages(before, after),
    ...kept.flatMap(({ then, now }) => stageChanges(then, now)),
  ];
}

const find = (pipeline: WatchedPipeline, id: string): WatchedStage | undefined =>
  pipeline.stages.find(stage => stage.id === id);

function movedStages(before: WatchedPipeline, after: WatchedPipeline): readonly string[] {
  const order = (of: WatchedPipeline, other: WatchedPipeline) =>
    of.stages.map(stage => stage.id).filter(id => find(other, id));
  const now = order(after, before);
  return isDeepStrictEqual(order(before, after), now)
    ? []
    : [`stages in a different order: ${now.join(', ')}`];
}

function stageChanges(then: WatchedStage, now: WatchedStage): readonly string[] {
  if (then.use !== now.use) return [`${now.id} uses ${then.use} → ${now.use}`];
  const code = isDeepStrictEqual(then.code, now.code) ? [] : [`code of ${now.use} changed`];
  return [
    ...code,
    ...changedEntries(then.parameters, now.parameters),
    ...changedEntries(inputNames(then), inputNames(now)),
  ];
}

const inputNames = ({ id, inputs }: WatchedStage): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(inputs).map(([name, source]) => [`${id}.inputs.${name}`, source]));

function changedEntries(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  return differencesIn(before, after).map(({ name, then, now }) => changeWords(name, then, now));
}

function changed(name: string, before: unknown, after: unknown): readonly string[] {
  return isDeepStrictEqual(before, after) ? [] : [changeWords(name, before, after)];
}

const changeWords = (name: string, before: unknown, after: unknown): string =>
  `${name} ${shown(before)} → ${shown(after)}`;

function shown(value: unknown): string {
  if (value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
