import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const showCommand: CommandFactory = cli =>
  new Command('show').action(cli.action(() => Promise.resolve(0)));
