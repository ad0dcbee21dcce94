import { Interrupted } from '../core/failure.ts';
import type { LineEnd, Lines } from '../run/display/lines.ts';
import { onStopRequests } from '../run/execute/stop-requests.ts';
import { tensorflowHome } from '../tensorflow/provision/layout.ts';
import type { ProvisionStep } from '../tensorflow/provision/provision.ts';
import type { Io } from './io.ts';

/**
 * Takes the steps of a set-up and shows them as lines. Ctrl-C ends it.
 * @param title Shown before the list of steps.
 * @param again The command that starts over.
 */
export async function setUp(
  steps: readonly ProvisionStep[],
  io: Io,
  { title, again }: { readonly title: string; readonly again: string },
): Promise<void> {
  const { openLines } = await import('../run/display/display.ts');
  const lines = await openLines(io.stderr, io.env, io.progress === 'plain');
  lines.note(`${title} in ${tensorflowHome(io.env)}:`);
  for (const step of steps) lines.note(`  ${step.id.padEnd(8)} ${step.title}`);
  const controller = new AbortController();
  const stop = () => {
    controller.abort(new Interrupted(`Interrupted. Nothing half-made is left; to start over: ${again}`));
  };
  const note = (text: string) => {
    lines.note(text);
  };
  const stopListening = onStopRequests({ stop, note, env: io.env });
  try {
    await takeSteps(steps, controller.signal, lines);
  } finally {
    lines.close();
    stopListening();
  }
}

/** Takes the steps in order. After a failure the other steps are shown as skipped, then it is thrown. */
async function takeSteps(steps: readonly ProvisionStep[], signal: AbortSignal, lines: Lines): Promise<void> {
  const errors: unknown[] = [];
  lines.open(steps.map(({ id }) => id));
  for (const step of steps)
    lines.ended(
      step.id,
      errors.length > 0
        ? { status: 'skipped', text: null, ms: null }
        : await take(step, signal, lines, errors),
    );
  if (errors.length > 0) throw errors[0];
}

/** Takes one step; adds its error to `errors`. */
async function take(
  step: ProvisionStep,
  signal: AbortSignal,
  lines: Lines,
  errors: unknown[],
): Promise<LineEnd> {
  const startedAt = performance.now();
  const end = (status: LineEnd['status'], text: string | null): LineEnd => ({
    status,
    text,
    ms: performance.now() - startedAt,
  });
  lines.started(step.id);
  try {
    const onProgress = lines.progress.bind(lines, step.id);
    return end('ran', await step.run({ signal, onProgress }));
  } catch (error) {
    errors.push(signal.aborted ? signal.reason : error);
    return end(signal.aborted ? 'interrupted' : 'failed', null);
  }
}
