import { Composer, CST, Lexer, Parser, YAMLParseError, type Document } from 'yaml';
import { explainSyntax, type SyntaxPlace } from './explain-yaml.ts';
import type { Node } from './node.ts';
import { problemAt, type Report } from './problems.ts';
import type { Source, Span } from './source.ts';
import { toNode, type ReportAt } from './yaml-nodes.ts';

/** Limits for hostile files, far above those of real pipelines. */
const MAX_DEPTH = 64;
const MAX_VALUES = 50_000;
/** A value takes several lexemes: indentation, key, colon, text, newline. */
const MAX_LEXEMES = 5 * MAX_VALUES;

export interface YamlPart extends Pick<Span, 'start' | 'end'> {
  /** False where comments make no sense: a `#` is then a mistake. */
  readonly comments?: boolean;
}

/**
 * Reads YAML 1.2 into located nodes. Returns undefined after a syntax error; every mistake is reported. An empty document is a
 * null scalar.
 * @param part The part of the source that is YAML; by default all of it.
 */
export function parseYaml(
  source: Source,
  report: Report,
  part: YamlPart = { start: 0, end: source.text.length },
): Node | undefined {
  const text = source.text.slice(part.start, part.end);
  const spanOf = (start: number, end: number): Span => ({
    source,
    start: part.start + Math.min(start, text.length),
    end: part.start + Math.min(Math.max(end, start), text.length),
  });
  const reportAt: ReportAt = (start, end, code, message, hint) => {
    report(problemAt(spanOf(start, end), code, message, hint === undefined ? {} : { hint }));
  };

  const isSound = isClean(text, reportAt) && (part.comments !== false || hasNoComment(text, reportAt));
  const tokens = isSound ? tokenize(text, reportAt) : undefined;
  const document = tokens && compose(tokens, text);
  if (document === undefined) return undefined;
  const mistakes = [...document.errors, ...document.warnings];
  const lastCharacter = text.trimEnd().length;
  for (const { pos, code, message } of firstOfEachLine(mistakes, text)) {
    const said = explainSyntax(code, message, placeIn(text, pos[0]));
    // A problem at the end of the file is shown at the end of the last line with text.
    reportAt(
      Math.min(pos[0], lastCharacter),
      pos[1],
      'yaml-syntax',
      `YAML syntax: ${said.message}`,
      said.hint,
    );
  }
  return mistakes.length > 0 ? undefined : toNode(document, spanOf, reportAt, MAX_VALUES);
}

function placeIn(text: string, at: number): SyntaxPlace {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return { line: text.slice(start).split('\n', 1)[0] ?? '', column: at - start };
}

function isClean(text: string, reportAt: ReportAt): boolean {
  const control = /[^\P{Cc}\t\r\n]/u.exec(text);
  if (control === null) return true;
  reportAt(control.index, control.index + 1, 'control-character', 'control characters are not allowed');
  return false;
}

/** Lexemes that are not part of the text. */
const WITHOUT_WIDTH = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

function hasNoComment(text: string, reportAt: ReportAt): boolean {
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (CST.tokenType(lexeme) === 'comment') {
      const message = '`#` would begin a comment, and what follows it be lost';
      reportAt(at, at + lexeme.length, 'comment', message, 'put a text with # in it in quotes');
      return false;
    }
    at += WITHOUT_WIDTH.has(lexeme) ? 0 : lexeme.length;
  }
  return true;
}

/** Tokens, with size and depth limited: the library's composer recurses, and is slow in its worst cases. */
function tokenize(text: string, reportAt: ReportAt): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const tooLarge = (message: string) => {
    reportAt(parser.offset, parser.offset + 1, 'too-large', message);
    return undefined;
  };
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH + 2) return tooLarge(`more than ${MAX_DEPTH} levels of nesting`);
    if (++lexemes > MAX_LEXEMES) return tooLarge(`more than ${MAX_VALUES} values in one file`);
  }
  tokens.push(...parser.end());
  return tokens;
}

function compose(tokens: readonly CST.Token[], text: string): Document.Parsed | undefined {
  const composer = new Composer({ uniqueKeys: false, version: '1.2', schema: 'core' });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (second !== undefined) {
    const from = second.range[0];
    document?.errors.push(
      new YAMLParseError([from, from + 1], 'MULTIPLE_DOCS', 'only one document is allowed in a file'),
    );
  }
  return document;
}

/** The first error of each line: one mistake often causes several. */
function firstOfEachLine<E extends { readonly pos: readonly [number, number] }>(
  errors: readonly E[],
  text: string,
): readonly E[] {
  const lines = new Set<number>();
  return errors.filter(({ pos }) => {
    const line = text.lastIndexOf('\n', pos[0] - 1);
    return lines.has(line) ? false : lines.add(line);
  });
}
