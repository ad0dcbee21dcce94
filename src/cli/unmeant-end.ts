import { writeSync } from 'node:fs';
import { hasLoadedUserCode } from '../config/load-guard.ts';
import { placeOf, userFrame } from '../host/user-frame.ts';

/** Runs a command that loads users' code in this process, and reports an unexpected end of the process. */
export async function untilEnd(command: () => Promise<number>): Promise<number> {
  process.on('exit', sayExit);
  const exitCode = await command();
  process.off('exit', sayExit);
  if (!hasLoadedUserCode()) return exitCode;
  // Handles that a stage's file left open must not delay the end.
  await written(process.stdout);
  await written(process.stderr);
  process.exit(process.exitCode === undefined ? exitCode : exitCode || Number(process.exitCode));
}

function sayExit(exitCode: number): void {
  const stack = new Error('exit').stack ?? '';
  const isAsked = /process\.exit\b/.test(stack);
  const frame = isAsked ? userFrame(stack, process.cwd()) : undefined;
  const how = isAsked ? `by process.exit(${exitCode})` : `with exit code ${exitCode}`;
  const where = frame === undefined ? '' : ` at ${placeOf(frame)}`;
  // Only synchronous writes work in an exiting process.
  writeSync(
    2,
    `error: the command was ended ${how}${where} before it was done\n  → a stage’s file must not end the process\n`,
  );
  if (exitCode === 0) process.exitCode = 1;
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    stream.write('', () => {
      resolve();
    });
  });
