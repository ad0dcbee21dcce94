import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const stagesCommand: CommandFactory = cli =>
  new Command('stages').action(cli.action(() => Promise.resolve(0)));
