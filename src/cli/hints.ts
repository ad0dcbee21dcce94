import { shellWord } from '../core/shell-word.ts';
import type { Io } from './io.ts';

/** Commands that look for experiments. */
const COMMAND =
  /(?<=^|[\s(])pipe (?:run|resume|reproduce|watch|status|list|show|compare|tag|verify|rm|restore|gc)(?![\w-])(?! --experiments)/g;

/** A message whose commands look where this one was told to look, so that they can be typed as they are. */
export function withRegistry(message: string, { experiments }: Pick<Io, 'experiments'>): string {
  if (experiments === undefined) return message;
  return message.replace(COMMAND, command => `${command} --experiments ${shellWord(experiments)}`);
}
