import type { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { thrownMessage } from '../../core/thrown.ts';
import { PICTURE, type Registry, type StoredExperiment } from '../../registry/index.ts';
import type { Observer } from '../events.ts';

interface Drawing {
  readonly emit: Observer;
  /** Ends the drawing. */
  readonly signal: AbortSignal;
  /** Why the run failed. */
  readonly failure: Failure | null;
}

/**
 * Draws the metrics of an experiment that has ended, if it has any. A failure is said and no more: what is drawn is in the
 * experiment, and can be drawn at any time.
 */
export async function drawMetricsOf(id: string, registry: Registry, drawing: Drawing): Promise<void> {
  const { emit, failure } = drawing;
  try {
    const experiment = await registry.read(id);
    if (Object.keys(experiment.record.metrics).length === 0) return;
    // The rest of a full disk is for records.
    if (failure?.code === 'storage') throw new Error('the run could not write');
    await drawInto(registry, experiment, drawing);
  } catch (error) {
    const why = printable(thrownMessage(error));
    const text = `warning: ${PICTURE} of ${id} is not drawn: ${why}; to draw it: pipe compare ${id} --plot`;
    emit({ type: 'note', level: 'warning', text });
  }
}

async function drawInto(
  registry: Registry,
  experiment: StoredExperiment,
  { emit, signal }: Drawing,
): Promise<void> {
  const { drawMetrics } = await import('../../plots/draw.ts');
  const { id } = experiment;
  const svg = await drawMetrics([{ ...experiment, points: registry.allPoints(id) }], signal);
  if (svg === undefined) return;
  registry.keepPicture(id, svg);
  emit({ type: 'metrics-drawn', path: PICTURE });
}
