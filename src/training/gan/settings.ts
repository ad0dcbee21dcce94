import { optimizerOf } from '../optimizers/param.ts';
import { ganLoss } from './losses.ts';
import type { GanParams } from './params.ts';
import type { GanSettings } from './step.ts';

/** Settings of an iteration that the parameters of `train` describe, without the transform, which is the data's. */
export function ganSettings(params: GanParams): Omit<GanSettings, 'transform'> {
  const { loss, labelSmoothing, discriminatorSteps, discriminatorUpdate, fakes } = params;
  const optimizer = optimizerOf(params);
  return {
    loss: ganLoss(loss, labelSmoothing),
    generator: optimizer,
    discriminator: optimizer,
    fakes,
    discriminatorSteps,
    discriminatorUpdate,
  };
}
