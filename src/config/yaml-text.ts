import { stringify, type ScalarTag } from 'yaml';

/**
 * Characters that `parseYaml` refuses unescaped, or that a reader, an editor or a file's encoding could change: controls,
 * Unicode's line ends, halves of surrogate pairs, byte-order marks. The library also loses blanks at line ends, and writes the
 * name of a merge key without quotes.
 */
const UNUSUAL = /[^\P{Cc}\n\t]|\p{Cs}|\p{Zl}|\p{Zp}|[\ufeff\ufffe\uffff]|\s\n|\n\s|^\n|^<<$/u;

/** Characters that JSON does not escape. */
const UNESCAPED = /[\p{Cc}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/gu;

/** Writes a text with unusual characters as JSON, which is YAML, with all of them escaped. */
const escapedText: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: value => typeof value === 'string' && UNUSUAL.test(value),
  resolve: text => text,
  stringify: ({ value }) =>
    JSON.stringify(value).replace(
      UNESCAPED,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
};

/** A value as YAML that `parseYaml` reads back as the same value, whatever its texts and keys are. */
export function yamlText(value: unknown): string {
  return stringify(value, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    customTags: tags => [escapedText, ...tags],
  });
}
