import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Location } from '../core/failure.ts';
import { packageRoot } from './paths.ts';

/** `    at run (/project/my-stages/darken.ts:21:9)`, with or without a function. */
const FRAME = /^\s+at (?:.* \()?((?:file:\/\/)?\/.+?):(\d+):(\d+)\)?$/;

const OWN = ['dist', 'src', 'bin', 'node_modules'].map(name => join(packageRoot, name) + sep);

/** Bytes; larger files are generated, and their lines say nothing. */
const LARGEST = 2_000_000;

/** The innermost frame of a stack in the user's own code, not in Node, pipe or a package. */
export function userFrame(stack: string, cwd: string): Location | undefined {
  for (const line of stack.split('\n')) {
    const [, url = '', row, column] = FRAME.exec(line) ?? [];
    const path = url.startsWith('file:') ? pathOf(url) : url;
    if (path === undefined || path === '' || isForeign(path)) continue;
    const text = lineOf(path, Number(row));
    if (text === undefined) continue;
    const shown = relative(cwd, path);
    return {
      file: shown.startsWith('..') ? path : shown,
      line: Number(row),
      column: Number(column),
      length: lengthOf(text, Number(column)),
      text,
    };
  }
  return undefined;
}

/** A place as compilers write it: `my-stages/darken.ts:21:9`. */
export const placeOf = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

const isForeign = (path: string): boolean =>
  /[\\/]node_modules[\\/]/.test(path) || OWN.some(folder => path.startsWith(folder));

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    // Not a file URL: a stack may hold any text.
    return undefined;
  }
}

/** A line of a file; undefined if the file does not exist, as for a module compiled in memory. */
function lineOf(path: string, line: number): string | undefined {
  try {
    const content = readFileSync(path);
    return content.length > LARGEST ? '' : (content.toString().split(/\r?\n/)[line - 1] ?? '');
  } catch {
    return undefined;
  }
}

/** Length of the word that begins at a column. */
const lengthOf = (text: string, column: number): number =>
  /^[\p{L}\p{N}_$.]+/u.exec(text.slice(column - 1))?.[0].length ?? 1;
