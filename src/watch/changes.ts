import { isDeepStrictEqual } from 'node:util';
import type { PipelineStage, ValidPipeline } from '../config/pipeline.ts';
import { differencesIn, flattenParameters, shownUse } from '../run/fingerprint/parameters.ts';

/** Characters of a value that are shown. */
const LONGEST_VALUE = 60;

/**
 * What differs between two pipelines, a line each: `train.learningRate 0.0002 → 0.0004`. Nothing when they would do the
 * same. A user's stage has changed when its definition is another one: the same code gives the same module.
 */
export function describeChanges(before: ValidPipeline, after: ValidPipeline, cwd: string): readonly string[] {
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
    ...added.map(stage => `stage ${stage.id} added (${shownUse(stage, cwd)})`),
    ...movedStages(before, after),
    ...kept.flatMap(({ then, now }) => stageChanges(then, now, cwd)),
  ];
}

const find = (pipeline: ValidPipeline, id: string): PipelineStage | undefined =>
  pipeline.stages.find(stage => stage.id === id);

function movedStages(before: ValidPipeline, after: ValidPipeline): readonly string[] {
  const order = (of: ValidPipeline, other: ValidPipeline) =>
    of.stages.map(stage => stage.id).filter(id => find(other, id));
  const now = order(after, before);
  return isDeepStrictEqual(order(before, after), now) ? [] : [`stages in another order: ${now.join(', ')}`];
}

function stageChanges(then: PipelineStage, now: PipelineStage, cwd: string): readonly string[] {
  if (then.use !== now.use) return [`${now.id} uses ${shownUse(then, cwd)} → ${shownUse(now, cwd)}`];
  const code = then.stage === now.stage ? [] : [`code of ${shownUse(now, cwd)} changed`];
  return [
    ...code,
    ...changedEntries(flattenParameters([then]), flattenParameters([now])),
    ...changedEntries(inputNames(then), inputNames(now)),
  ];
}

const inputNames = ({ id, inputs }: PipelineStage): Readonly<Record<string, unknown>> =>
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
