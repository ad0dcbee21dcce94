import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { pipeHome } from '../../host/paths.ts';
import { examineTensorFlow, type Finding } from '../../tensorflow/provision/examine.ts';
import { folderBytes } from '../../tensorflow/provision/folder-bytes.ts';
import type { CommandFactory, Io } from '../io.ts';
import { colorsFor } from '../terminal.ts';
import { helpNotes } from '../help.ts';
import { jsonOption } from '../options.ts';

/** Bytes of free disk below which an experiment with checkpoints may not fit. */
const LOW_DISK = 1e9;

export const doctorCommand: CommandFactory = cli =>
  new Command('doctor')
    .summary('say what is set up and what is missing')
    .description('Say what is set up, what is missing and the command that fixes it.')
    .addOption(jsonOption('the findings'))
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe doctor', 'look at this machine']],
        exitCodes: { 1: 'something that is needed is missing' },
      }),
    )
    .action(cli.action(({ json }: { readonly json?: true }) => examine(cli.io, json === true)));

/** Prints all findings; returns 1 when something required is missing. */
async function examine(io: Io, json: boolean): Promise<number> {
  const findings = [
    nodeFinding(),
    ...(await examineTensorFlow(io.env)),
    await cacheFinding(io),
    await datasetFinding(io),
    await diskFinding(io),
  ];
  const ok = findings.every(({ state }) => state !== 'missing');
  io.stdout.write(json ? jsonText({ ok, findings }) : inLines(findings, io));
  return ok ? 0 : 1;
}

function inLines(findings: readonly Finding[], io: Io): string {
  const colors = colorsFor(io.stdout, io.env);
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

/** Looks where `load-cifar` looks, without its download. */
async function datasetFinding({ cwd, env }: Io): Promise<Finding> {
  const about = { id: 'dataset', name: 'CIFAR-10' };
  const given = env['CIFAR10_DIR'];
  const home = pipeHome(env);
  const places = given ? [given] : [join(cwd, 'data'), join(home, 'datasets')].filter(existsSync);
  const { locateCifar } = await import('../../data/cifar-location.ts');
  const { signal } = new AbortController();
  for (const place of places) {
    try {
      const bases = { workingDir: cwd, pipelineDir: cwd };
      const { path } = await locateCifar(place, { stage: 'load-cifar', home, env, signal, ...bases });
      return { ...about, state: 'ok', text: path };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const fix = 'point CIFAR10_DIR at the folder of the binary version, or unset it';
      if (given) return { ...about, state: 'missing', text: `CIFAR10_DIR: ${error.message}`, fix };
    }
  }
  const text = 'not on this machine; load-cifar fetches it when a pipeline asks for it';
  return { ...about, state: 'absent', text, fix: 'or set CIFAR10_DIR to a folder that has it' };
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
