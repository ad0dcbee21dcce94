#!/usr/bin/env node
// In a checkout the code is bundled at first use and after an edit; a command then starts from one small file. An installed package is
// built, and nothing is written into it.
import { existsSync } from 'node:fs';

// A reader that has seen enough, as in `pipe list | head -1`, is no error.
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

if (existsSync(new URL('../src', import.meta.url))) {
  const { buildWhereStale } = await import('../scripts/build.js');
  await buildWhereStale();
}
const { start } = await import('../dist/cli/start.js');
process.exitCode = await start(process.argv.slice(2));
