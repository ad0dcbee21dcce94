import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { isInside } from '../../storage/inside.ts';
import { errorCode, onStorage } from '../../storage/storage-failure.ts';

/**
 * Check of an experiment that may come from elsewhere, before it is written to: a symbolic link could redirect writes and
 * removals. pipe makes none; links of a user's stage that stay inside are allowed.
 * @throws Failure, exit code 2, that names the first one.
 */
export function refuseLinks(id: string, dir: string): void {
  onStorage('read', dir, () => {
    if (lstatSync(dir).isSymbolicLink())
      throw refusal(`${id} is a symbolic link`, `It leads to ${printable(readlinkSync(dir))}.`);
    const root = realpathSync(dir);
    const leading = findLink(root, path => !isInside(root, targetOf(path)));
    if (leading === undefined) return;
    const where = printable(relative(root, leading));
    throw refusal(
      `${id} has a symbolic link that leads out of it: ${where}`,
      `It leads to ${printable(targetOf(leading))}.`,
    );
  });
}

function findLink(folder: string, isWanted: (path: string) => boolean): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink() && isWanted(path)) return path;
    const found = entry.isDirectory() ? findLink(path, isWanted) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The target of a link, resolved where it exists. */
function targetOf(link: string): string {
  try {
    return realpathSync(link);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return resolve(dirname(link), readlinkSync(link));
  }
}

function refusal(message: string, detail: string): Failure {
  return new Failure({
    code: 'leading-link',
    exitCode: 2,
    message: `${message}: it is not written to`,
    details: [detail],
    hint: 'put the files themselves in its place (cp -rL makes such a copy), if you trust where it comes from',
  });
}
