/** What scripts of bench/reference/ made for the tests of classifiers. */
import { readFileSync } from 'node:fs';

export const readFixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${path}.json`, import.meta.url), 'utf8'));
