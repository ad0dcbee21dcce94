import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const setupCommand: CommandFactory = cli =>
  new Command('setup').action(cli.action(() => Promise.resolve(0)));
