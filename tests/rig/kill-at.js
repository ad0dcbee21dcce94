/**
 * Loaded into a command by `node --import`: counts what changes files, and ends the process by SIGKILL in front of the
 * operation of number $KILL_AT, or in the middle of it if it writes. Without a number it leaves the count in $KILL_COUNT.
 * A moment between any two operations can be met in this way, however short it is. With $STOP_AT the process prints
 * `stopped` there and stops, until it gets SIGCONT.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const OPERATIONS = [
  ...[
    'closeSync',
    'copyFileSync',
    'cpSync',
    'fsyncSync',
    'ftruncateSync',
    'linkSync',
    'mkdirSync',
    'openSync',
  ],
  ...['renameSync', 'rmSync', 'rmdirSync', 'unlinkSync', 'writeFileSync', 'writeSync'],
];

// A run has a process of its own. The one that follows it does nothing to files, unless the run dies.
const isFollower = ['run', 'resume', 'reproduce'].includes(process.argv[2]) && process.channel === undefined;

const killAt = isFollower ? NaN : Number(process.env.KILL_AT);
const stopAt = isFollower ? NaN : Number(process.env.STOP_AT);
const { writeFileSync, writeSync } = fs;
let count = 0;

const beforeNext = half => {
  count++;
  if (count === stopAt) {
    writeSync(1, 'stopped\n');
    process.kill(process.pid, 'SIGSTOP');
  }
  if (count !== killAt) return;
  half();
  process.kill(process.pid, 'SIGKILL');
};

for (const name of OPERATIONS) {
  const operation = fs[name];
  fs[name] = (...args) => {
    beforeNext(() => {
      if (operation !== writeFileSync) return;
      const [file, content, ...more] = args;
      operation(file, content.slice(0, content.length / 2), ...more);
    });
    return operation(...args);
  };
}
for (const name of ['copyFile', 'link', 'mkdir', 'open', 'rename', 'rm', 'unlink', 'writeFile']) {
  const operation = fs.promises[name];
  fs.promises[name] = (...args) => {
    beforeNext(() => {});
    return operation(...args);
  };
}
syncBuiltinESMExports();

if (process.env.KILL_COUNT && !isFollower)
  process.on('exit', () => writeFileSync(process.env.KILL_COUNT, String(count)));
