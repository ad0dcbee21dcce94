import { Option } from 'commander';
import { collect } from './collect.ts';

/** `--set <stage.parameter=value>`, for every command that reads a pipeline. */
export const setOption = (words = 'set one parameter, such as train.epochs=3; repeatable'): Option =>
  new Option('--set <name=value>', words).argParser(collect).default([]);

/** `--json`, for every command whose output a script may want. @param what Words that follow “print ”. */
export const jsonOption = (what: string): Option => new Option('--json', `print ${what} as JSON`);
