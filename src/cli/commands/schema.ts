import { Command } from 'commander';
import type { CommandFactory } from '../io.ts';

export const schemaCommand: CommandFactory = cli =>
  new Command('schema').action(cli.action(() => Promise.resolve(0)));
