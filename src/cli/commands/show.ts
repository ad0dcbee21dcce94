import { Command } from 'commander';
import { jsonText } from '../../core/json-text.ts';
import type { StoredExperiment } from '../../registry/types.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';

interface ShowOptions {
  readonly json?: boolean;
  readonly experiments?: string;
}

export const showCommand: CommandFactory = cli =>
  new Command('show')
    .description('Show one experiment: stages, metrics, artifacts, parameters, provenance.')
    .argument('<experiment>', 'exp-3, latest, latest:<pipeline>, or a tag')
    .option('--json', 'the record as JSON')
    .addOption(experimentsOption())
    .action(cli.action((reference: string, options: ShowOptions) => show(cli.io, reference, options)));

async function show(io: Io, reference: string, options: ShowOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const experiment = await registry.find(reference);
  const { readTags, tagsById } = await import('../../registry/tags.ts');
  const tags = tagsById(readTags(registry.dir)).get(experiment.id) ?? [];
  io.stdout.write(options.json === true ? toJson(experiment, tags) : await toText(experiment, tags, io));
  return 0;
}

/** The record as it is on disk, with the folder, the status that people see, and the tags. */
const toJson = ({ record, status, dir, mended }: StoredExperiment, tags: readonly string[]): string =>
  jsonText({ ...record, status, dir, tags, ...(mended && { mended }) });

async function toText(experiment: StoredExperiment, tags: readonly string[], io: Io): Promise<string> {
  const [{ renderExperiment }, { artifactFiles }, { colorsFor }] = await Promise.all([
    import('../show/render.ts'),
    import('../../registry/artifact-files.ts'),
    import('../terminal.ts'),
  ]);
  const { record, dir } = experiment;
  // Until an experiment has ended, its record does not name what the last stage published.
  const artifacts = record.status === 'running' ? artifactFiles(dir) : record.artifacts;
  const command = (text: string) => withRegistry(text, io);
  return renderExperiment(experiment, { artifacts, tags, command }, colorsFor(io.stdout, io.env));
}
