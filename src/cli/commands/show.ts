import { Command } from 'commander';
import type { Registry, StoredExperiment } from '../../registry/index.ts';
import { withRegistry } from '../hints.ts';
import type { CommandFactory, Io } from '../io.ts';
import { experimentsOption, registryOf } from '../registry.ts';
import { helpNotes } from '../help.ts';

interface ShowOptions {
  readonly follow?: true;
  readonly json?: boolean;
  readonly experiments?: string;
}

export const showCommand: CommandFactory = cli =>
  new Command('show')
    .summary('show one experiment')
    .description('Show one experiment: stages, metrics, outputs, artifacts, parameters, provenance.')
    .argument('<experiment>', 'exp-3, a tag, latest, or latest:<pipeline>')
    .option('-f, --follow', 'print stages, points and log lines as they come, until it has ended')
    .option('--json', 'print the record as JSON; with --follow a line of JSON for each change')
    .addOption(experimentsOption())
    .addHelpText(
      'after',
      helpNotes({
        examples: [
          ['pipe show latest:cgan', 'the last one that finished'],
          ['pipe show -f exp-12', 'follow one that another process runs'],
        ],
        exitCodes: { 1: 'with --follow: the experiment did not finish' },
      }),
    )
    .action(cli.action((reference: string, options: ShowOptions) => show(cli.io, reference, options)));

async function show(io: Io, reference: string, options: ShowOptions): Promise<number> {
  const registry = await registryOf(io, options);
  const experiment = await registry.find(reference);
  if (options.follow === true) {
    const { followExperiment } = await import('../show/follow.ts');
    return followExperiment(io, registry, experiment.id, options.json === true);
  }
  if (options.json === true) {
    const { experimentJson } = await import('../experiment-json.ts');
    io.stdout.write(experimentJson(registry, experiment));
    return 0;
  }
  io.stdout.write(await toText(experiment, registry, io));
  return 0;
}

async function toText(experiment: StoredExperiment, registry: Registry, io: Io): Promise<string> {
  const [{ renderExperiment }, { outputRows }, { colorsFor }] = await Promise.all([
    import('../show/render.ts'),
    import('../show/outputs.ts'),
    import('../terminal.ts'),
  ]);
  const { id, record } = experiment;
  const tags = registry.tags.all().byId.get(id) ?? [];
  // The record of a running experiment lacks publications of the last stage.
  const artifacts = record.status === 'running' ? registry.published(id) : record.artifacts;
  const picture = registry.picture(id);
  const outputs = await outputRows(experiment, registry);
  const command = (text: string) => withRegistry(text, io);
  return renderExperiment(
    experiment,
    { outputs, artifacts: [...(picture ? [picture] : []), ...artifacts], tags, command },
    colorsFor(io.stdout, io.env),
  );
}
