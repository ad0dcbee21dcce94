import { Command, Option } from 'commander';
import type { Build } from '../../tensorflow/provision/release.ts';
import type { CommandFactory, Io } from '../io.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';

export const setupCommand: CommandFactory = cli =>
  new Command('setup')
    .summary('set up TensorFlow’s native library')
    .description('Set up TensorFlow’s native library: fetch it once, put the addons beside it, try it.')
    .addOption(
      new Option('--build <build>', 'cpu or gpu; by default gpu where there is an NVIDIA GPU').choices([
        'cpu',
        'gpu',
      ]),
    )
    .addHelpText(
      'after',
      helpNotes({
        examples: [['pipe setup --build cpu', 'though there is a GPU']],
        exitCodes: { 1: 'it could not be set up', 130: RUN_EXIT_CODES[130] },
      }),
    )
    .action(cli.action(({ build }: { readonly build?: Build }) => setup(cli.io, build)));

async function setup(io: Io, build: Build | undefined): Promise<number> {
  const { planProvision } = await import('../../tensorflow/provision/provision.ts');
  const steps = await planProvision({ env: io.env, build });
  if (steps.length === 0) {
    io.stderr.write('TensorFlow’s native library is set up: nothing to do.\n');
    return 0;
  }
  const { setUp } = await import('../set-up.ts');
  await setUp(steps, io, { title: 'Setting up TensorFlow', again: 'pipe setup' });
  return 0;
}
