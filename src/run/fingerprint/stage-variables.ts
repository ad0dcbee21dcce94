import { secretHash } from '../../cache/fingerprint.ts';
import { isSecretVariable } from '../../core/redact.ts';
import { sha256 } from '../../core/sha256.ts';
import type { Env } from '../../core/env.ts';

/** Environment variables that a stage has read: a hash of each value by name, null for one that was not set. */
export type ReadVariables = Readonly<Record<string, string | null>>;

/** Hash of a variable's value; expensive to guess from where the value looks like a secret. */
export function hashVariable(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  return isSecretVariable(name, value) ? secretHash(value) : sha256(value);
}

/** Names of the variables that have changed since a stage read them. */
export const changedVariables = (read: ReadVariables | undefined, env: Env): readonly string[] =>
  Object.entries(read ?? {})
    .filter(([name, hash]) => hashVariable(name, env[name]) !== hash)
    .map(([name]) => name);
