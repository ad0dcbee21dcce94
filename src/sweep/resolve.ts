/** What a sweep's file says of the stages of its pipelines: objective and conditions. */
import { nearest } from '../core/nearest.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import { child, find } from '../config/node.ts';
import { oneOf } from '../config/problems.ts';
import type { Span } from '../config/source.ts';
import { parseExpression } from '../query/parse.ts';
import { namesIn, unknownNames } from '../query/names.ts';
import type { Space } from '../search/space.ts';
import type { CheckedPlan, CheckedPlans } from './check-points.ts';
import type { Objective } from './definition.ts';
import type { SweepFile } from './file-schema.ts';
import { placeOf, reportAt, type Reporter } from './problems.ts';

interface Declared {
  readonly stage: string;
  readonly name: string;
  readonly declaration: MetricDeclaration;
}

const declaredIn = ({ plan }: CheckedPlan): readonly Declared[] =>
  plan.stages.flatMap(({ id, stage }) =>
    Object.entries(stage.metrics ?? {}).map(([name, declaration]) => ({ stage: id, name, declaration })),
  );

/** The objective, which every pipeline must measure; undefined with its problems reported. */
export function resolveObjective(
  { objective }: SweepFile,
  plans: CheckedPlans,
  reporter: Reporter,
): Objective | undefined {
  const {
    metric,
    direction,
    at = 'best',
  } = typeof objective === 'string' ? { metric: objective } : objective;
  const path = typeof objective === 'string' ? ['objective'] : ['objective', 'metric'];
  const span = placeOf(reporter, path);
  const found = plans.map(plan => findMetric(metric, plan, span, reporter));
  const [first] = found;
  if (first === undefined || found.includes(undefined)) return undefined;
  const { stage, name, declaration } = first;
  if (declaration.wallClock === true) {
    reportAt(reporter, span, 'objective-of-time', `"${metric}" measures time, which differs in every run`, {
      hint: 'name a metric that tells how good a model is',
    });
    return undefined;
  }
  if (direction !== undefined) return { metric: name, stage, direction, at };
  if (declaration.direction === 'none') {
    reportAt(
      reporter,
      span,
      'no-direction',
      `"${metric}" has no direction: neither larger nor smaller values are better`,
      {
        hint: `objective: { metric: ${metric}, direction: min }, if you know better`,
      },
    );
    return undefined;
  }
  return { metric: name, stage, direction: declaration.direction, at };
}

function findMetric(metric: string, plan: CheckedPlan, span: Span, reporter: Reporter): Declared | undefined {
  const declared = declaredIn(plan);
  const matching = declared.filter(({ stage, name }) => metric === name || metric === `${stage}.${name}`);
  const [first] = matching;
  if (first !== undefined && matching.length === 1) return first;
  const names = [...new Set(declared.map(({ name }) => name))];
  const where = `in ${plan.plan.pipeline.name}`;
  if (first === undefined)
    reportAt(reporter, span, 'unknown-metric', `no stage ${where} declares a metric "${metric}"`, {
      expected: names.length === 0 ? 'a stage with metrics: there is none' : oneOf(names),
      suggestion: nearest(metric, [...names, ...declared.map(({ stage, name }) => `${stage}.${name}`)]),
    });
  else
    reportAt(reporter, span, 'ambiguous-metric', `several stages ${where} have a metric "${metric}"`, {
      expected: oneOf(matching.map(({ stage, name }) => `${stage}.${name}`)),
    });
  return undefined;
}

export interface Conditions {
  readonly where: readonly string[];
  /** For each pipeline the values of its parameters that conditions name. */
  readonly constants: readonly Readonly<Record<string, unknown>>[];
}

/** The conditions; undefined with their problems reported. */
export function resolveConditions(
  { where = [] }: SweepFile,
  space: Space,
  plans: CheckedPlans,
  reporter: Reporter,
): Conditions | undefined {
  const texts = [where].flat();
  const parameters = plans.map(plan => plan.parameters);
  const known = new Set([...space.map(({ name }) => name), ...parameters.flatMap(Object.keys)]);
  let isValid = true;
  const names = texts.flatMap((text, index) => {
    const expression = parseExpression(text);
    const isProblem = !('kind' in expression);
    const problems = isProblem ? [expression] : unknownNames(expression, known, 'a parameter');
    for (const { start, end, message, ...details } of problems) {
      isValid = false;
      const span = partOf(conditionAt(reporter, index), text, { start, end });
      reportAt(reporter, span, 'wrong-condition', message, details);
    }
    return isProblem ? [] : namesIn(expression).map(({ name }) => name);
  });
  if (!isValid) return undefined;
  const constants = parameters.map(values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))),
  );
  return { where: texts, constants };
}

function conditionAt({ root }: Reporter, index: number): Span {
  const node = child(root, 'where');
  return (node?.kind === 'list' ? find(node, [index]).value : (node ?? root)).span;
}

/** The part of a text's place. A text in quotes begins behind the first. */
function partOf(
  span: Span,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): Span {
  const shift = Math.max(0, span.source.text.slice(span.start, span.end).indexOf(text));
  return { ...span, start: span.start + shift + start, end: span.start + shift + end };
}
