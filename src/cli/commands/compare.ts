import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const compareCommand: CommandFactory = cli =>
  new Command('compare').action(cli.action(() => Promise.resolve(0)));
