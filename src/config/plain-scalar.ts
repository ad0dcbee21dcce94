import { isScalar, parseDocument } from 'yaml';
import type { ScalarNode } from './node.ts';

type Value = ScalarNode['value'];

/** One word, or what YAML could take for a number. */
const ONE_WORD = /^[-+.~\w]+$/;

/** What YAML 1.2 makes of a text that stands alone and without quotes: a number, true, false, null, or the text. */
export function plainScalar(text: string): Value {
  const word = text.trim();
  if (!ONE_WORD.test(word)) return text;
  const { contents } = parseDocument(word, { version: '1.2', schema: 'core' });
  // `---` is no scalar, and `-` an item of a list.
  const value: unknown = isScalar(contents) && contents.source === word ? contents.value : word;
  return typeof value === 'string' ? text : (value as Value);
}

/** The text as it is written: what stands for the value within another text. */
export const writtenText = ({ text, value }: ScalarNode): string => text ?? String(value);
