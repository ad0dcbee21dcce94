import { readFileSync } from 'node:fs';

/** What scipy and Optuna gave: made by `bench/reference/make_search.py`. */
export function fixture<T>(name: string): T {
  const file = new URL(`../fixtures/search/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, T>)[name] as T;
}
