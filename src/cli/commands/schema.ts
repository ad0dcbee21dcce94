import { Argument, Command } from 'commander';
import type { Cli, CommandFactory } from '../io.ts';
import { SCHEMAS, type SchemaName } from '../schema-text.ts';
import { helpNotes } from '../help.ts';

interface Options {
  readonly write?: true;
}

export const schemaCommand: CommandFactory = cli =>
  new Command('schema')
    .summary('print or write the JSON Schemas of pipelines, sweeps, experiments and events')
    .description(
      'Print the JSON Schema of pipeline files, of sweeps, of experiment records, or of the lines of --progress jsonl. With --write: write all into schema/ of the working folder, for editors.',
    )
    .addArgument(new Argument('[schema]', 'which one').choices(SCHEMAS))
    .option('--write', 'write schema/<schema>.schema.json, all unless one is named')
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe schema --write', 'for the $schema comment of pipelines']],
        exitCodes: { 1: 'a file cannot be written' },
      }),
    )
    .action(cli.action((name: SchemaName | undefined, options: Options) => schema(cli, name, options)));

async function schema({ io }: Cli, name: SchemaName | undefined, { write }: Options): Promise<number> {
  const { schemaText } = await import('../schema-text.ts');
  if (write !== true) {
    io.stdout.write(await schemaText(name ?? 'pipeline'));
    return 0;
  }
  const { writeSchema } = await import('../write-schema.ts');
  for (const each of name ? [name] : SCHEMAS) {
    const path = await writeSchema(io.cwd, `${each}.schema.json`, await schemaText(each));
    io.stderr.write(`wrote ${path}\n`);
  }
  return 0;
}
