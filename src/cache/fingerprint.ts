import { scryptSync } from 'node:crypto';
import { encodeNumber } from '../core/numbers.ts';
import { sha256 } from '../core/sha256.ts';

/** Everything that a stage's outputs depend on. Plain JSON. */
export interface FingerprintParts {
  readonly id: string;
  /** The stage's name and version. */
  readonly stage: string;
  readonly version: number;
  /** Hash of its code, imports within the project included. */
  readonly code: string;
  /** Secrets of the environment as references. */
  readonly params: unknown;
  /** A slow hash of the value of each reference; absent where there are none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The stage's own seed. */
  readonly seed: number;
  /** Its `cacheKey`, and the content of the files that its parameters name. */
  readonly content: readonly string[];
  /** Versions of the packages that matter, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** For each input, the output that it is bound to and the fingerprint of the stage that makes it. */
  readonly inputs: Readonly<Record<string, { readonly from: string; readonly fingerprint: string }>>;
}

/** A slow hash (hex) of a secret: it shows whether the secret changed, and is expensive to guess from. */
export const secretHash = (secret: string): string => scryptSync(secret, 'pipe', 32).toString('hex');

/** A stage's fingerprint, sha256 (hex). */
export const fingerprintOf = (parts: FingerprintParts): string => sha256(canonicalJson(parts));

/** JSON with sorted keys; numbers that JSON lacks stay distinct. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'number') return Object.is(inner, -0) ? '-0' : encodeNumber(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
