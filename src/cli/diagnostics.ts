import { isError, type Location, type Problem } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { COMMAND_LINE } from '../config/source.ts';
import type { Colors } from './terminal.ts';

/** Problems in the style of compilers, separated by blank lines; ends with a newline unless empty. */
export function renderProblems(problems: readonly Problem[], colors: Colors): string {
  return problems.map(problem => renderProblem(problem, colors)).join('\n');
}

/**
 *     pipelines/cgan.yaml:12:14 error: unknown parameter "epoch" of stage "train"
 *       epoch: 20
 *       ^^^^^
 *       expected one of epochs, batchSize
 *       did you mean "epochs"?
 */
function renderProblem(problem: Problem, colors: Colors): string {
  const { location, message, expected, found, suggestion, hint } = problem;
  const label = isError(problem) ? colors.red('error:') : colors.yellow('warning:');
  const place = location ? `${colors.bold(placeOf(location))} ` : '';
  const lines = [
    `${place}${label} ${shown(message)}`,
    ...(location ? excerpt(location, colors) : []),
    ...expectation(expected, found),
    ...(suggestion === undefined ? [] : [`did you mean "${shown(suggestion)}"?`]),
    ...(hint === undefined ? [] : [`→ ${shown(hint)}`]),
  ];
  return lines.join('\n  ') + '\n';
}

const LONGEST = 500;

/** A text that is safe for a terminal and cut to a readable length. */
const shown = (text: string): string =>
  printable(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function placeOf({ file, line, column }: Location): string {
  return file === COMMAND_LINE ? `${file}:` : `${printable(file)}:${line}:${column}`;
}

function expectation(expected: string | undefined, found: string | undefined): readonly string[] {
  const parts = [
    ...(expected === undefined ? [] : [`expected ${shown(expected)}`]),
    ...(found === undefined ? [] : [`found ${shown(found)}`]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

const WIDTH = 100;

/** The line, cut around the marked part if long, and the marker under it. */
function excerpt({ text, column, length }: Location, colors: Colors): readonly string[] {
  const at = column - 1;
  const from = text.length <= WIDTH ? 0 : Math.max(0, Math.min(at - WIDTH / 4, text.length - WIDTH));
  const shown = text.slice(from, from + WIDTH);
  const before = clean(shown.slice(0, at - from));
  const marked = clean(shown.slice(at - from, at - from + length));
  const after = clean(shown.slice(at - from + length));
  const head = from > 0 ? '…' : '';
  const tail = from + WIDTH < text.length ? '…' : '';
  const indent = /^ */.exec(head + before)?.[0].length ?? 0;
  const line = (head + before + marked + after + tail).slice(indent).trimEnd();
  const marker = ' '.repeat((head + before).length - indent) + '^'.repeat(Math.max(1, marked.length));
  return line === '' && marker === '^' ? [] : [`  ${line}`, `  ${colors.red(marker)}`];
}

const clean = (text: string): string => printable(text.replaceAll('\t', ' '));
