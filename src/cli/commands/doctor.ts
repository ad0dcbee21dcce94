import { statfs } from 'node:fs/promises';
import { Command } from 'commander';
import pico from 'picocolors';
import { formatBytes } from '../../core/format.ts';
import { pipeHome } from '../../host/paths.ts';
import { examineTensorFlow, type Finding } from '../../tensorflow/provision/examine.ts';
import { folderBytes } from '../../tensorflow/provision/folder-bytes.ts';
import type { CommandFactory, Io } from '../io.ts';

/** Below this an experiment with its checkpoints may not fit, in bytes. */
const LOW_DISK = 1e9;

export const doctorCommand: CommandFactory = cli =>
  new Command('doctor')
    .description('say what is set up, what is missing and the command that fixes it')
    .option('--json', 'print the findings as JSON')
    .action(cli.action(({ json }: { readonly json?: true }) => examine(cli.io, json === true)));

/** Exit code 1 when something that is needed is missing. */
async function examine(io: Io, json: boolean): Promise<number> {
  const findings = [
    nodeFinding(),
    ...(await examineTensorFlow(io.env)),
    await cacheFinding(io),
    await diskFinding(io),
  ];
  const ok = findings.every(({ state }) => state !== 'missing');
  io.stdout.write(json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : inLines(findings, io));
  return ok ? 0 : 1;
}

function inLines(findings: readonly Finding[], io: Io): string {
  const colors = pico.createColors(io.stdout.isTTY === true && !io.env['NO_COLOR']);
  const marks = {
    ok: colors.green('ok     '),
    missing: colors.red('missing'),
    absent: colors.dim('–      '),
  };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ fix, name, state, text }) => {
    const line = `${marks[state]}  ${name.padEnd(width)}  ${text}\n`;
    return fix === undefined ? line : `${line}${' '.repeat(width + 11)}→ ${fix}\n`;
  });
  return lines.join('');
}

function nodeFinding(): Finding {
  const about = { id: 'node', name: 'Node' };
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19))
    return { ...about, state: 'ok', text: process.versions.node };
  const text = `${process.versions.node} is too old`;
  return { ...about, state: 'missing', text, fix: 'install Node 20.19 or newer' };
}

async function cacheFinding({ env }: Io): Promise<Finding> {
  const home = pipeHome(env);
  const size = formatBytes(await folderBytes(home));
  return { id: 'cache', name: 'Cache', state: 'ok', text: `${size} in ${home}` };
}

async function diskFinding({ cwd }: Io): Promise<Finding> {
  const about = { id: 'disk', name: 'Disk space' };
  const { bavail, bsize } = await statfs(cwd);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free for experiments in ${cwd}`;
  return free >= LOW_DISK
    ? { ...about, state: 'ok', text }
    : { ...about, state: 'missing', text, fix: 'free some space' };
}
