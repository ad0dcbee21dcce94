import { Interrupted } from '../core/failure.ts';
import type { Line, LineEnd, Step } from '../run/display/display.ts';
import { onStopRequests } from '../run/execute/stop-requests.ts';
import { tensorflowHome } from '../tensorflow/provision/layout.ts';
import type { ProvisionStep } from '../tensorflow/provision/provision.ts';
import type { Io } from './io.ts';

/**
 * Takes the steps of a set-up, with a display. Ctrl-C ends it.
 * @param title Said before the list of steps.
 * @param again The command that starts over.
 */
export async function setUp(
  steps: readonly ProvisionStep[],
  io: Io,
  { title, again }: { readonly title: string; readonly again: string },
): Promise<void> {
  const { openDisplay } = await import('../run/display/display.ts');
  const display = await openDisplay(io.stderr, io.env);
  display.note(`${title} in ${tensorflowHome(io.env)}:`);
  for (const step of steps) display.note(`  ${step.id.padEnd(8)} ${step.title}`);
  const controller = new AbortController();
  const stop = () => {
    controller.abort(new Interrupted(`Interrupted. Nothing half-made is left; to start over: ${again}`));
  };
  const note = (text: string) => {
    display.note(text);
  };
  const stopListening = onStopRequests({ stop, note, env: io.env });
  try {
    const errors: unknown[] = [];
    await display.run(steps.map(step => displayStep(step, controller.signal, errors)));
    if (errors.length > 0) throw errors[0];
  } finally {
    stopListening();
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
