#!/usr/bin/env node
// In a checkout the code is bundled at first use and after an edit; a command then starts from one small file. An installed package is
// built, and nothing is written into it.
import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';

// nohup leaves a process without a terminal, and Node undoes its ignoring of a hang-up: until a run listens itself, one is none.
if (![0, 1, 2].some(isatty)) process.on('SIGHUP', () => {});

if (existsSync(new URL('../src', import.meta.url))) {
  const { buildWhereStale } = await import('../scripts/build.js');
  await buildWhereStale();
}
const { start } = await import('../dist/cli/start.js');
process.exitCode = await start(process.argv.slice(2));
