#!/usr/bin/env node
// In a checkout the code is bundled at first use and after an edit; a command then starts from one small file.
import { build, isFresh } from '../scripts/build.js';

// A reader that has seen enough, as in `pipe list | head -1`, is no error.
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

if (!isFresh()) await build();
const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));
