import { build, isFresh } from '../../scripts/build.js';

/** Builds dist/ once before any test, for those that run the command as a process. */
export default async function setup(): Promise<void> {
  if (!isFresh()) await build();
}
