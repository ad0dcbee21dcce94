import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { expandVariables } from '../host/home.ts';
import { packageRoot } from '../host/paths.ts';
import { compareCommand } from './commands/compare.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { gcCommand } from './commands/gc.ts';
import { initCommand } from './commands/init.ts';
import { listCommand } from './commands/list.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { restoreCommand } from './commands/restore.ts';
import { resumeCommand } from './commands/resume.ts';
import { rmCommand } from './commands/rm.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { setupCommand } from './commands/setup.ts';
import { showCommand } from './commands/show.ts';
import { statusCommand } from './commands/status.ts';
import { stagesCommand } from './commands/stages.ts';
import { sweepCommand } from './commands/sweep.ts';
import { tagCommand } from './commands/tag.ts';
import { validateCommand } from './commands/validate.ts';
import { verifyCommand } from './commands/verify.ts';
import { watchCommand } from './commands/watch.ts';
import { usageFailure } from './failed-event.ts';
import { optionDescription } from './help.ts';
import type { Cli, CommandFactory, Io } from './io.ts';
import { printError } from './print-error.ts';

/** Commands in the order of `pipe --help`. */
const commands: readonly CommandFactory[] = [
  initCommand,
  runCommand,
  resumeCommand,
  reproduceCommand,
  watchCommand,
  sweepCommand,
  validateCommand,
  statusCommand,
  listCommand,
  showCommand,
  compareCommand,
  tagCommand,
  verifyCommand,
  rmCommand,
  restoreCommand,
  gcCommand,
  stagesCommand,
  schemaCommand,
  setupCommand,
  doctorCommand,
  completionCommand,
];

/** stdout for data only: output of a stage's file while it loads goes to stderr. */
function dataStdout(): Io['stdout'] {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return Object.create(stdout, { write: { value: write } }) as Io['stdout'];
}

const processIo = (): Io => ({
  stdout: dataStdout(),
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
});

/** Runs the command line; returns the exit code (0 fine, 1 failed, 2 bad usage or configuration, 130 interrupted). */
export async function main(argv: readonly string[], given: Io = processIo()): Promise<number> {
  const io: { -readonly [K in keyof Io]: Io[K] } = { ...given, env: expandVariables(given.env) };
  let exitCode = 0;
  const cli: Cli = {
    io,
    action:
      action =>
      async (...args) => {
        exitCode = await action(...args);
      },
  };
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const program = new Command('pipe')
    .description('Declarative pipelines and experiment tracking for deep learning.')
    .version(version)
    .showHelpAfterError('(pipe --help lists the commands)')
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => {
        if (io.emit === undefined) io.stderr.write(text);
      },
    })
    .hook('preAction', (_program, command) => {
      const { experiments, progress } = command.opts<Pick<Io, 'experiments' | 'progress'>>();
      if (experiments !== undefined) io.experiments = experiments;
      if (progress !== undefined) io.progress = progress;
    })
    // A command and its own commands may have options of the same name.
    .enablePositionalOptions()
    .exitOverride();
  for (const factory of commands) {
    const command = factory(cli);
    inherit(command, program);
    program.addCommand(command);
  }
  program.addCommand(completeCommand(cli), { hidden: true });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return io.emit === undefined ? 2 : printError(usageFailure(error.message), io);
    }
    return printError(error, io);
  }
}

/** Gives a command, and those below it, the settings of its parent. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const below of command.commands) inherit(below, command);
}
