/** The search space of a sweep's file. */
import { nearest } from '../core/nearest.ts';
import { child, toPlain, type MapNode, type Node } from '../config/node.ts';
import { describeNode, oneOf } from '../config/problems.ts';
import { hasLevel, levelAt, levelCount } from '../search/scale.ts';
import { sameValue, type Condition, type Dimension, type Space } from '../search/space.ts';
import { PIPELINE } from './definition.ts';
import { checkPipelines, reportVariedSeed } from './point-names.ts';
import { keyOf, reportAt, type Reporter } from './problems.ts';

/** The dimensions in the order of the file, each behind that of its condition; mistakes are reported. */
export function readSpace(vary: Node | undefined, pipelines: readonly string[], reporter: Reporter): Space {
  checkPipelines(pipelines, reporter);
  const pipeline: Dimension[] =
    pipelines.length > 1 ? [{ name: PIPELINE, kind: 'choice', values: pipelines }] : [];
  const written = vary?.kind === 'map' ? readDimensions(vary, pipelines, reporter) : [];
  const known = [...pipeline, ...written];
  return inOrder(known, vary, reporter);
}

function readDimensions(
  vary: MapNode,
  pipelines: readonly string[],
  reporter: Reporter,
): readonly Dimension[] {
  return [...vary.entries].flatMap(([name, { key, value }]) => {
    if (name === 'seed') {
      reportVariedSeed(['vary', name], reporter);
      return [];
    }
    if (name === PIPELINE) {
      const hint = `list them: pipeline: [${[...pipelines].join(', ')}, …]`;
      reportAt(reporter, key, 'varied-pipeline', 'the pipeline is no parameter to vary', { hint });
      return [];
    }
    const dimension = readDimension(name, value, reporter);
    return dimension === undefined ? [] : [dimension];
  });
}

/** Most values to name in a message. */
const MOST_NAMED = 20;

const KINDS = ['values', 'range', 'log'] as const;

function readDimension(name: string, node: Node, reporter: Reporter): Dimension | undefined {
  if (node.kind === 'list') return readChoice(name, node, reporter);
  if (node.kind !== 'map') return undefined;
  const given = KINDS.filter(kind => node.entries.has(kind));
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    const message = `what "${name}" may be is ${kind === undefined ? 'not said' : 'said twice'}`;
    reportAt(reporter, node.span, 'wrong-range', message, {
      expected: 'one of values, range and log',
      found: given.join(' and ') || [...node.entries.keys()].join(' and ') || 'nothing',
    });
    return undefined;
  }
  const useless = ['integer', 'step'].filter(key => kind === 'values' && node.entries.has(key));
  for (const key of useless)
    reportAt(
      reporter,
      keyOf(reporter, ['vary', name, key]),
      'no-effect',
      `"${key}" has no effect on values`,
      {
        hint: 'leave it out, or name a range',
      },
    );
  const value = child(node, kind);
  const dimension =
    kind === 'values' ? readChoice(name, value, reporter) : readRange(name, node, kind, reporter);
  const when = readCondition(child(node, 'when'), reporter);
  return dimension && { ...dimension, ...(when && { when }) };
}

function readChoice(name: string, node: Node | undefined, reporter: Reporter): Dimension | undefined {
  if (node?.kind !== 'list') return undefined;
  const values = node.items.map(toPlain);
  node.items.forEach((item, index) => {
    const before = values.findIndex(value => sameValue(value, values[index]));
    if (before < index)
      reportAt(reporter, item.span, 'repeated-value', `"${name}" has the value ${describeNode(item)} twice`, {
        hint: 'repeats of a point have seeds: seeds: 3',
      });
  });
  return { name, kind: 'choice', values };
}

function readRange(
  name: string,
  node: MapNode,
  kind: 'range' | 'log',
  reporter: Reporter,
): Dimension | undefined {
  const bounds = child(node, kind);
  const [low, high] = toPlain(bounds as Node) as readonly [number, number];
  const { integer = false, step } = toPlain(node) as { readonly integer?: boolean; readonly step?: number };
  const at = (bounds as Node).span;
  const wrong = (message: string, expected: string) => {
    reportAt(reporter, at, 'wrong-range', `the ${kind} of "${name}" ${message}`, {
      expected,
      found: describeBounds(low, high),
    });
    return undefined;
  };
  if (low > high) return wrong('ends before it begins', 'the smaller number first');
  if (kind === 'log' && low <= 0) return wrong('has no logarithm', 'numbers above 0');
  if (integer && !(Number.isInteger(low) && Number.isInteger(high)))
    return wrong('does not begin and end with whole numbers', 'whole numbers, as "integer" says');
  if (integer && step !== undefined && !Number.isInteger(step))
    return wrong(`has the step ${step}`, 'a whole number, as "integer" says');
  return {
    name,
    kind: 'range',
    low,
    high,
    log: kind === 'log',
    integer,
    ...(step !== undefined && { step }),
  };
}

const describeBounds = (low: number, high: number): string => `[${low}, ${high}]`;

function readCondition(node: Node | undefined, reporter: Reporter): Condition | undefined {
  if (node?.kind !== 'map') return undefined;
  const [first, ...others] = [...node.entries];
  if (first === undefined || others.length > 0) {
    const found = first === undefined ? 'nothing' : [...node.entries.keys()].join(' and ');
    reportAt(reporter, node.span, 'wrong-condition', '"when" names one parameter', {
      expected: 'such as when: { train.loss: hinge }',
      found,
    });
    return undefined;
  }
  const [name, { value }] = first;
  const plain = toPlain(value);
  return { name, oneOf: Array.isArray(plain) ? plain : [plain] };
}

/** Each dimension behind that of its condition; one whose condition names nothing that varies is reported. */
function inOrder(dimensions: readonly Dimension[], vary: Node | undefined, reporter: Reporter): Space {
  const names = dimensions.map(({ name }) => name);
  for (const dimension of dimensions) checkCondition(dimension, dimensions, names, { vary, reporter });
  const ordered: Dimension[] = [];
  let left = dimensions;
  while (left.length > 0) {
    const isReady = ({ when }: Dimension) =>
      when === undefined || !left.some(({ name }) => name === when.name);
    const ready = left.filter(isReady);
    const [first] = left;
    if (ready.length === 0 && first !== undefined) {
      reportAt(
        reporter,
        conditionOf(vary, first.name),
        'wrong-condition',
        `the conditions of ${oneOf(left.map(({ name }) => name))} go round in a circle`,
      );
      return ordered;
    }
    ordered.push(...ready);
    left = left.filter(dimension => !isReady(dimension));
  }
  return ordered;
}

function checkCondition(
  { name, when }: Dimension,
  dimensions: readonly Dimension[],
  names: readonly string[],
  { vary, reporter }: { readonly vary: Node | undefined; readonly reporter: Reporter },
): void {
  if (when === undefined) return;
  const at = conditionOf(vary, name);
  const other = dimensions.find(each => each.name === when.name);
  if (other === undefined || other.name === name) {
    const known = names.filter(each => each !== name);
    const suggestion = nearest(when.name, known);
    reportAt(reporter, at, 'wrong-condition', `"${name}" depends on "${when.name}", which does not vary`, {
      expected: known.length === 0 ? 'no condition: nothing else varies' : oneOf(known),
      suggestion,
    });
  } else if (levelCount(other) === Infinity)
    reportAt(
      reporter,
      at,
      'wrong-condition',
      `"${name}" hardly ever varies: "${when.name}" is any number of a range`,
      { hint: 'a condition on values, or a step of the range' },
    );
  else {
    if (when.oneOf.some(value => hasLevel(other, value))) return;
    reportAt(reporter, at, 'wrong-condition', `"${name}" never varies: "${when.name}" has no such value`, {
      expected: levelsText(other),
      found: when.oneOf.map(value => JSON.stringify(value)).join(', ') || 'nothing',
    });
  }
}

function levelsText(dimension: Dimension): string {
  const count = levelCount(dimension);
  const text = (level: number) => JSON.stringify(levelAt(dimension, level));
  if (count > MOST_NAMED) return `${text(0)} to ${text(count - 1)}`;
  return oneOf(Array.from({ length: count }, (_, level) => text(level)));
}

function conditionOf(vary: Node | undefined, name: string) {
  const node = child(vary, name);
  const when = child(node, 'when') ?? node ?? vary;
  if (when === undefined) throw new Error('a condition without a place');
  return when.span;
}
