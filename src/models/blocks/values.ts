import { Errors } from 'typebox/schema';
import { describeSchema } from '../../core/describe-schema.ts';
import type { Schema } from '../../core/json-schema.ts';
import { nearest } from '../../core/nearest.ts';
import { shown } from '../../core/shown.ts';
import type { ParamProblem } from '../../core/stage.ts';
import type { AnyLayerKind } from '../layer.ts';
import { namesIn, type Scope } from './references.ts';

/** A parameter of a layer inside a block. */
interface ParameterInBlock {
  readonly name: string;
  readonly written: unknown;
  /** With the values of the block's parameters in their places. */
  readonly value: unknown;
  readonly scope: Scope;
}

/** What is wrong with a value of a parameter, now that it is known, if anything. */
export function valueFault(
  kind: AnyLayerKind,
  { name, written, value, scope }: ParameterInBlock,
): Pick<ParamProblem, 'expected' | 'found' | 'suggestion' | 'hint'> | undefined {
  const schema = (kind.params as Schema).properties?.[name] ?? {};
  const [isRight] = Errors(schema, value);
  if (isRight) return undefined;
  const used = [...new Set(namesIn(written))].filter(each => scope.has(each));
  const expected = describeSchema(schema);
  const found = shown(value);
  if (used.length > 0) {
    const values = used.map(each => `${each} is ${shown(scope.get(each))}`).join(' and ');
    const hint = `It is written ${String(written)}, and ${values}: by the use of the block, or by default.`;
    return { expected, found, hint };
  }
  const names = [...scope.keys()];
  const suggestion = typeof value === 'string' ? nearest(value, [...wordsOf(schema), ...names]) : undefined;
  return {
    expected: names.length === 0 ? expected : `${expected}, or of the block’s parameters ${names.join(', ')}`,
    found,
    ...(suggestion !== undefined && { suggestion }),
  };
}

const wordsOf = ({ anyOf = [] }: Schema): readonly string[] =>
  anyOf.flatMap(({ const: word, enum: words = [word] }) => words.filter(each => typeof each === 'string'));
