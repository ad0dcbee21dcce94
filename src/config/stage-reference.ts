import { basename } from 'node:path';

/** Form of stage ids and pipeline names, which become folder names. `vars` would confuse `--set vars.x=`. */
export const ID_PATTERN = '^(?!vars$)[A-Za-z0-9][A-Za-z0-9_-]*$';
export const ID_LENGTH = 64;
export const ID_RULE = `letters, digits, - and _, beginning with a letter or digit, at most ${ID_LENGTH}; not vars`;

export function isId(text: string): boolean {
  return text.length <= ID_LENGTH && new RegExp(ID_PATTERN).test(text);
}

/** True when `use` names a user's file, not a built-in stage. */
export function isStagePath(use: string): boolean {
  return /[\\/]/.test(use) || /\.[cm]?[jt]s$/.test(use);
}

/** The default id of a stage: its name. */
export function defaultId(use: string): string {
  return isStagePath(use) ? stageNameOf(use) : use;
}

/** The required name of a file's stage: the file's, without its extension. */
export function stageNameOf(path: string): string {
  return basename(path.replaceAll('\\', '/')).replace(/\.[cm]?[jt]s$/, '');
}
