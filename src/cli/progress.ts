import { Option } from 'commander';

/** How a run is told on stderr. */
export type Progress = 'auto' | 'plain' | 'jsonl';

/** `--progress <form>`, for every command that runs stages. */
export const progressOption = (): Option =>
  new Option(
    '--progress <form>',
    'how it is told on stderr: plain lines, or jsonl, one JSON object a line (pipe schema events); auto moves on a terminal',
  )
    .choices(['auto', 'plain', 'jsonl'] satisfies Progress[])
    .default('auto');

/** An option's value as the command line has it, before it is parsed; the last one counts. */
export function valueOf(option: string, argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const at = words.findLastIndex(word => word === option || word.startsWith(`${option}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === option ? words[at + 1] : word.slice(option.length + 1);
}

/** True where nothing but JSON may get to stderr: also a mistake of the command line itself. */
export const isJsonLines = (argv: readonly string[]): boolean => valueOf('--progress', argv) === 'jsonl';
