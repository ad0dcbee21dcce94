import type { Env } from '../core/env.ts';
import { isSecretVariable } from '../core/redact.ts';

/** Variables that change what TensorFlow, its libraries, Node and the locale compute or write, and pipe's own. */
const FAMILIES = /^(PIPE|TF|XLA|CUDA|NVIDIA|OMP|MKL|KMP|OPENBLAS|NODE|LC)_/;
const OTHERS = new Set(['LD_LIBRARY_PATH', 'LANG', 'LANGUAGE', 'TZ', 'CIFAR10_DIR']);

/** True for a variable that may change results, whatever a pipeline reads. */
export const mattersAlways = (name: string): boolean => FAMILIES.test(name) || OTHERS.has(name);

export interface RecordedVariables {
  readonly variables: Record<string, string>;
  /** Names of variables whose values look like secrets. */
  readonly withheld: string[];
}

/**
 * The environment variables that may change results, by name, without secrets.
 * @param read Names of further variables that the pipeline reads.
 */
export function recordedVariables(env: Env, read: readonly string[]): RecordedVariables {
  const variables: Record<string, string> = {};
  const withheld: string[] = [];
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    const matters = mattersAlways(name) || read.includes(name);
    if (value === undefined || !matters) continue;
    if (isSecretVariable(name, value)) withheld.push(name);
    else variables[name] = value;
  }
  return { variables, withheld };
}
