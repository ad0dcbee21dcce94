import { watchedEnvironment, type OnVariable } from '../host/watched-environment.ts';

/**
 * `process.env` of users' stages: each bundle has its own environment, so that the variables that a stage reads are known, while
 * it loads and while it runs.
 */
const KEY = 'pipe.environment';
const NAME = '__pipe_environment';

/** Variables read so far, by a bundle's entry. */
const readSoFar = new Map<string, Map<string, string | undefined>>();
const observers = new Map<string, OnVariable>();

Object.assign(globalThis, {
  [Symbol.for(KEY)]: (entry: string) => {
    const read = new Map<string, string | undefined>();
    readSoFar.set(entry, read);
    return watchedEnvironment(process.env, (name, value) => {
      read.set(name, value);
      observers.get(entry)?.(name, value);
    });
  },
});

/** esbuild's replacement of `process.env`. */
export const environmentDefinition = { 'process.env': NAME };

/** The line of a bundle that declares the replacement. */
export const environmentBanner = (entry: string): string =>
  `const ${NAME} = globalThis[Symbol.for(${JSON.stringify(KEY)})](${JSON.stringify(entry)});`;

/** Calls `next` for the variables that a bundle has read, and for those that it reads until the returned function is called. */
export function observeEnvironment(entry: string, next: OnVariable): () => void {
  for (const [name, value] of readSoFar.get(entry) ?? []) next(name, value);
  observers.set(entry, next);
  return () => {
    observers.delete(entry);
  };
}
