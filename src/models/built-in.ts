/** Built-in networks: YAML files like a user's, in the folder of pipe's code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Path of a built-in network's file. */
export const builtInFile = (codeDir: string, name: string): string => join(codeDir, 'models', `${name}.yaml`);

/** Its content. */
export const readBuiltIn = <T>(codeDir: string, name: string): T =>
  parse(readFileSync(builtInFile(codeDir, name), 'utf8')) as T;
