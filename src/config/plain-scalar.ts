import { isScalar, parseDocument } from 'yaml';
import type { ScalarNode } from './node.ts';

type Value = ScalarNode['value'];

/** One word, which YAML could read as a number. */
const ONE_WORD = /^[-+.~\w]+$/;

/** The YAML 1.2 value of an unquoted text: a number, true, false, null, or the text. */
export function plainScalar(text: string): Value {
  const word = text.trim();
  if (!ONE_WORD.test(word)) return text;
  const { contents } = parseDocument(word, { version: '1.2', schema: 'core' });
  // `---` is not a scalar, and `-` is a list item.
  const value: unknown = isScalar(contents) && contents.source === word ? contents.value : word;
  return typeof value === 'string' ? text : (value as Value);
}

/** The text as written, which replaces the value within another text. */
export const writtenText = ({ text, value }: ScalarNode): string => text ?? String(value);
