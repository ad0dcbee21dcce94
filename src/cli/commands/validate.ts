import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const validateCommand: CommandFactory = cli =>
  new Command('validate').action(cli.action(() => Promise.resolve(0)));
