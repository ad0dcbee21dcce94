import { Option } from 'commander';

/** Form of a run's progress on stderr. */
export type Progress = 'auto' | 'plain' | 'jsonl';

/** `--progress <form>`, for every command that runs stages. */
export const progressOption = (): Option =>
  new Option(
    '--progress <form>',
    'how it is told on stderr: plain lines, or jsonl, one JSON object a line (pipe schema events); auto moves on a terminal',
  )
    .choices(['auto', 'plain', 'jsonl'] satisfies Progress[])
    .default('auto');
