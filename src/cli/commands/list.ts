import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const listCommand: CommandFactory = cli =>
  new Command('list').action(cli.action(() => Promise.resolve(0)));
