import { Command, Option } from 'commander';
import { Interrupted } from '../../core/failure.ts';
import { onStopSignals } from '../../run/cancel.ts';
import type { Line, LineEnd, Step } from '../../run/display.ts';
import { tensorflowHome } from '../../tensorflow/provision/layout.ts';
import { planProvision, type ProvisionStep } from '../../tensorflow/provision/provision.ts';
import type { Build } from '../../tensorflow/provision/release.ts';
import type { CommandFactory, Io } from '../io.ts';
import { helpNotes, RUN_EXIT_CODES } from '../help.ts';

export const setupCommand: CommandFactory = cli =>
  new Command('setup')
    .summary('set up TensorFlow’s native library')
    .description('Set up TensorFlow’s native library: fetch it once, compile the addon, try it.')
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
    .action(cli.action(({ build }: { readonly build?: Build }) => setUp(cli.io, build)));

async function setUp(io: Io, build: Build | undefined): Promise<number> {
  const steps = await planProvision({ env: io.env, build });
  if (steps.length === 0) {
    io.stderr.write('TensorFlow’s native library is set up: nothing to do.\n');
    return 0;
  }
  const { openDisplay } = await import('../../run/display.ts');
  const display = await openDisplay(io.stderr, io.env);
  display.note(`Setting up TensorFlow in ${tensorflowHome(io.env)}:`);
  for (const step of steps) display.note(`  ${step.id.padEnd(8)} ${step.title}`);
  const controller = new AbortController();
  const removeHandlers = onStopSignals(() => {
    controller.abort(new Interrupted('Interrupted. Nothing half-made is left; to start over: pipe setup'));
  }, io.env);
  try {
    const errors: unknown[] = [];
    await display.run(steps.map(step => displayStep(step, controller.signal, errors)));
    if (errors.length > 0) throw errors[0];
    return 0;
  } finally {
    removeHandlers();
  }
}

/** A step as the run's display shows it. What goes wrong is kept in `errors`, and the steps after it are skipped. */
const displayStep = (step: ProvisionStep, signal: AbortSignal, errors: unknown[]): Step => ({
  id: step.id,
  run: async (line: Line): Promise<LineEnd> => {
    if (errors.length > 0) return { status: 'skipped', text: null, ms: null };
    const startedAt = performance.now();
    const end = (status: LineEnd['status'], text: string | null) => ({
      status,
      text,
      ms: performance.now() - startedAt,
    });
    line.started();
    try {
      const onProgress = line.progress.bind(line);
      return end('ran', await step.run({ signal, onProgress }));
    } catch (error) {
      errors.push(signal.aborted ? signal.reason : error);
      return end(signal.aborted ? 'interrupted' : 'failed', null);
    }
  },
});
