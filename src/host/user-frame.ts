import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Location } from '../core/failure.ts';
import { packageRoot } from './paths.ts';

/** `    at run (/project/my-stages/darken.ts:21:9)`, with or without a function. */
const FRAME = /^\s+at (?:.* \()?((?:file:\/\/)?\/.+?):(\d+):(\d+)\)?$/;

const OWN = ['dist', 'src', 'bin', 'node_modules'].map(name => join(packageRoot, name) + sep);

/** Bytes: a longer file has been generated, and one of its lines says nothing. */
const LARGEST = 2_000_000;

/**
 * The innermost place of a stack that is code of the user's: neither of Node, nor of pipe, nor of a package.
 * @param cwd The file is named relative to it.
 */
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
    // No URL of a file: a stack may hold any text.
    return undefined;
  }
}

/** Undefined where there is no such file any more, as of a module that was compiled in memory. */
function lineOf(path: string, line: number): string | undefined {
  try {
    const content = readFileSync(path);
    return content.length > LARGEST ? '' : (content.toString().split(/\r?\n/)[line - 1] ?? '');
  } catch {
    return undefined;
  }
}

/** Of the word that begins there. */
const lengthOf = (text: string, column: number): number =>
  /^[\p{L}\p{N}_$.]+/u.exec(text.slice(column - 1))?.[0].length ?? 1;
