#!/usr/bin/env node
// In a checkout the code is bundled on first use and after an edit, so that a command starts from one small file. An installed
// package is prebuilt and never written to.
import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';

// Without a terminal, as under nohup, whose ignoring of SIGHUP Node undoes, SIGHUP is ignored until a run handles it.
if (![0, 1, 2].some(isatty)) process.on('SIGHUP', () => {});

if (existsSync(new URL('../src', import.meta.url))) {
  const { buildWhereStale } = await import('../scripts/build.js');
  await buildWhereStale();
}
// By its address, so that type checks and lint do not read all of the bundle.
const { start } = await import(new URL('../dist/cli/start.js', import.meta.url).href);
process.exitCode = await start(process.argv.slice(2));
