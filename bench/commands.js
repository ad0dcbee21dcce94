/**
 * Times the commands that need no tensors, whole-process.
 *
 *     npm run bench:commands
 */
import { fileURLToPath } from 'node:url';
import { REPETITIONS, timeCommand } from './time-command.js';

const cwd = fileURLToPath(new URL('..', import.meta.url));

console.log(`medians of ${REPETITIONS} whole processes`);
timeCommand('pipe --version', ['--version'], { cwd });
timeCommand('pipe validate pipelines/cgan.yaml', ['validate', 'pipelines/cgan.yaml'], { cwd });
const mistake = ['run', 'pipelines/cgan.yaml', '--set', 'train.epoch=3'];
timeCommand('pipe run with a mistake', mistake, { cwd, exitCode: 2 });
timeCommand('pipe stages', ['stages'], { cwd });
