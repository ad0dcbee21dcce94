import { isPlainObject, shown } from '../../core/shown.ts';
import { mapValues } from '../map-values.ts';

/** Values of a block's parameters in one use. */
export type Scope = ReadonlyMap<string, unknown>;

/** A factor of a product, or with `/` a divisor. The first one is a factor. */
interface Factor {
  readonly operator: '*' | '/';
  readonly text: string;
}

const PRODUCT = /^\s*[\w.]+(\s*[*/]\s*[\w.]+)*\s*$/;
const NAME = /^[A-Za-z_]\w*$/;

/**
 * A copy in which parameters have their values: a text that is the name of one, and each name in a product such as
 * `filters / 2`. A product of numbers becomes a number.
 */
export function substitute(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return substituteText(value, scope);
  if (Array.isArray(value)) return value.map(item => substitute(item, scope));
  return isPlainObject(value) ? mapValues(value, inner => substitute(inner, scope)) : value;
}

/** Names in a value that stand for parameters of a block, or for dimensions, where they are any. */
export function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return factorsOf(value)
      .map(({ text }) => text)
      .filter(text => NAME.test(text));
  const inner = Array.isArray(value) ? value : isPlainObject(value) ? Object.values(value) : [];
  return inner.flatMap(namesIn);
}

function substituteText(text: string, scope: Scope): unknown {
  const name = text.trim();
  if (scope.has(name)) return scope.get(name);
  const factors = factorsOf(text);
  if (!factors.some(factor => scope.has(factor.text))) return text;
  return productOf(
    factors.flatMap(factor =>
      scope.has(factor.text) ? times(factor.operator, factorsOf(scope.get(factor.text))) : [factor],
    ),
  );
}

/** Sizes are worked out from left to right: to divide by a product is to divide by each of its factors. */
const times = (operator: Factor['operator'], factors: readonly Factor[]): readonly Factor[] =>
  operator === '*'
    ? factors
    : factors.map(factor => ({ ...factor, operator: factor.operator === '*' ? '/' : '*' }));

function factorsOf(value: unknown): readonly Factor[] {
  if (typeof value !== 'string') return [{ operator: '*', text: shown(value) }];
  if (!PRODUCT.test(value)) return [{ operator: '*', text: value }];
  const parts = `*${value}`.split(/([*/])/).slice(1);
  return parts.flatMap((part, index) =>
    index % 2 === 0
      ? [{ operator: part as Factor['operator'], text: (parts[index + 1] as string).trim() }]
      : [],
  );
}

function productOf(factors: readonly Factor[]): number | string {
  const numbers = factors.map(({ text }) => Number(text));
  if (numbers.every(Number.isFinite))
    return numbers.reduce(
      (result, number, at) => (factors[at]?.operator === '/' ? result / number : result * number),
      1,
    );
  return factors.map(({ operator, text }, at) => (at === 0 ? text : ` ${operator} ${text}`)).join('');
}
