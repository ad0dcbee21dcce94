import { thrownMessage } from '../../core/thrown.ts';
import { printable } from '../../core/printable.ts';
import { PICTURE, type Registry } from '../../registry/index.ts';
import type { Observer } from '../events.ts';

/**
 * Draws the metrics of an experiment that has ended, if it has any. A failure is said and no more: what is drawn is in the
 * experiment, and can be drawn at any time.
 */
export async function drawMetricsOf(
  id: string,
  registry: Registry,
  { emit, signal }: { readonly emit: Observer; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const { drawMetrics } = await import('../../plots/draw.ts');
    const svg = await drawMetrics([{ ...(await registry.read(id)), points: registry.allPoints(id) }], signal);
    if (svg === undefined) return;
    registry.keepPicture(id, svg);
    emit({ type: 'metrics-drawn', path: PICTURE });
  } catch (error) {
    const why = printable(thrownMessage(error));
    const text = `warning: ${PICTURE} of ${id} is not drawn: ${why}; to draw it: pipe compare ${id} --plot`;
    emit({ type: 'note', level: 'warning', text });
  }
}
