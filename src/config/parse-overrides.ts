import type { Node } from './node.ts';
import { plainScalar } from './plain-scalar.ts';
import { parseYaml } from './parse-yaml.ts';
import { problemAt, type Report } from './problems.ts';
import { COMMAND_LINE, type Source, type Span } from './source.ts';
import { tagAdvice } from './yaml-tags.ts';

/** A part of an override's path, with its place in the argument. */
export interface PathPart {
  readonly name: string;
  readonly span: Span;
}

/** One `--set path=value`, such as `train.sample.every=50`. */
export interface Override {
  readonly target: PathPart;
  readonly path: readonly PathPart[];
  readonly value: Node;
}

const PREFIX = '--set ';

/** Parses the arguments of `--set`; invalid ones are reported and left out. */
export function parseOverrides(
  settings: readonly string[],
  cwd: string,
  report: Report,
): readonly Override[] {
  return settings.flatMap(setting => parseOverride(setting, cwd, report) ?? []);
}

function parseOverride(setting: string, cwd: string, report: Report): Override | undefined {
  const source: Source = { name: COMMAND_LINE, dir: cwd, text: PREFIX + setting, settings: '--set' };
  const end = source.text.length;
  const equals = source.text.indexOf('=');
  const [target, ...path] = equals === -1 ? [] : splitPath(source, equals);
  if (target === undefined || [target, ...path].some(({ name }) => name === '' || name === '__proto__')) {
    const whole = { source, start: PREFIX.length, end };
    report(
      problemAt(whole, 'wrong-set', `cannot read --set ${setting}`, {
        expected: '<stage id>.<parameter>=<value>, seed=<value>, name=<value> or vars.<name>=<value>',
        hint: 'for example: --set train.iterations=500',
      }),
    );
    return undefined;
  }
  const part = { start: equals + 1, end };
  if (source.text.slice(part.start).trim() === '') {
    const hint = `an empty text is written --set '${setting}""', nothing --set ${setting}null`;
    report(problemAt({ source, ...part }, 'wrong-set', `--set ${setting} gives no value`, { hint }));
    return undefined;
  }
  const value = readValue(source, report, part);
  return value && { target, path, value };
}

/**
 * Reads a value: YAML if it begins with a bracket or a quote, otherwise a text, which may also be read as a number, true or
 * false.
 */
function readValue(source: Source, report: Report, part: Pick<Span, 'start' | 'end'>): Node | undefined {
  const written = source.text.slice(part.start, part.end);
  if (/^\s*[[{"']/.test(written)) return parseYaml(source, report, { ...part, comments: false });
  const tag = /^\s*!!(\w+)(?=\s)/.exec(written);
  if (tag !== null) {
    const { message, ...details } = tagAdvice(`tag:yaml.org,2002:${tag[1]}`);
    report(problemAt({ source, ...part }, 'yaml-syntax', `YAML syntax: ${message}`, details));
    return undefined;
  }
  const value = plainScalar(written);
  const text = written.trim();
  const span = { source, ...part };
  return typeof value === 'string' || value === null
    ? { kind: 'scalar', value, span }
    : { kind: 'scalar', value, ...(text !== String(value) && { text }), otherwise: written, span };
}

function splitPath(source: Source, end: number): readonly PathPart[] {
  let start = PREFIX.length;
  return source.text
    .slice(start, end)
    .split('.')
    .map(name => {
      const span = { source, start, end: start + name.length };
      start = span.end + 1;
      return { name, span };
    });
}
