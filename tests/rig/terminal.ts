import { spawnSync } from 'node:child_process';

/** Ways to run the command that follows on a terminal of its own, whose output is stdout. */
const ways: readonly (readonly [string, ...string[]])[] = [
  ['bash', '-c', 'script -qec "$(printf "%q " "$@")" /dev/null', 'bash'],
  ['python3', '-c', 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'],
];

/** For `within` of `runPipe`; undefined where this machine has no way to make a terminal. */
export const onTerminal = ways.find(
  ([file, ...args]) =>
    spawnSync(file, [...args, 'sh', '-c', 'test -t 2 && exit 7'], { stdio: 'pipe' }).status === 7,
);

/** In the environment of such a command: without it, a display that does not move. */
export const terminalEnv = { CI: undefined, NO_COLOR: undefined, TERM: 'xterm' };
