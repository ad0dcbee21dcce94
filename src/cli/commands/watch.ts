import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const watchCommand: CommandFactory = cli =>
  new Command('watch').action(cli.action(() => Promise.resolve(0)));
