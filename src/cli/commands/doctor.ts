import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const doctorCommand: CommandFactory = cli =>
  new Command('doctor').action(cli.action(() => Promise.resolve(0)));
