import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const runCommand: CommandFactory = cli =>
  new Command('run').action(cli.action(() => Promise.resolve(0)));
