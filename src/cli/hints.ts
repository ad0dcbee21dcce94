import type { Failure } from '../core/failure.ts';
import { ANOTHER_PLACE } from '../core/system-error.ts';
import { shellWord } from '../core/shell-word.ts';
import type { Io } from './io.ts';

/** Commands with `--experiments` in messages. */
const COMMAND =
  /(?<=^|[\s(])pipe (?:run|resume|reproduce|watch|sweep|status|list|show|compare|tag|verify|rm|restore|gc)(?![\w-])(?! --experiments)/g;

/** A message with `--experiments` added to its commands, so that they can be copied. */
export function withRegistry(message: string, { experiments }: Pick<Io, 'experiments'>): string {
  if (experiments === undefined) return message;
  return message.replace(COMMAND, command => `${command} --experiments ${shellWord(experiments)}`);
}

/** The hint of a failure, for storage with the option that chooses another place. */
export const hintOf = ({ code, hint }: Failure): string | undefined =>
  code === 'storage' ? hint?.replace(ANOTHER_PLACE, `${ANOTHER_PLACE} with --experiments <dir>`) : hint;
