import type { Point } from '../search/space.ts';
import { evaluate } from '../query/evaluate.ts';
import { parseExpression } from '../query/parse.ts';
import { pipelineOf, type SweepDefinition } from './definition.ts';

type Conditioned = Pick<SweepDefinition, 'where' | 'pipelines' | 'set'>;

/** True for a point that fulfils every condition of the sweep. */
export const isAllowed = (definition: Conditioned, point: Point): boolean =>
  definition.where.every(text => isFulfilled(text, definition, point));

function isFulfilled(text: string, definition: Conditioned, point: Point): boolean {
  const expression = parseExpression(text);
  if (!('kind' in expression)) throw new Error(`"${text}" was checked before: ${expression.message}`);
  return evaluate(expression, valuesOf(definition, point)) === true;
}

/** The value of a name for a point: its own, that of `set`, or the pipeline's. */
const valuesOf =
  (definition: Conditioned, point: Point) =>
  (name: string): unknown => {
    const { constants } = pipelineOf(definition, point);
    const values = { ...constants, ...definition.set, ...point };
    return Object.hasOwn(values, name) ? values[name] : undefined;
  };
