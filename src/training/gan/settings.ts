import { optimizerOf } from '../optimizers/param.ts';
import { ganLoss } from './losses.ts';
import { penaltyOf } from './objective-params.ts';
import type { GanParams } from './params.ts';
import type { GanSettings } from './step.ts';

/** The settings of an iteration, from the parameters of `train`. */
export function ganSettings(params: GanParams): Omit<GanSettings, 'transform'> {
  const { loss, labelSmoothing, fakes, discriminatorSteps, discriminatorUpdate } = params;
  const { classWeight, ema, augment } = params;
  const optimizer = optimizerOf(params);
  return {
    loss: ganLoss(loss, labelSmoothing),
    generator: optimizer,
    discriminator: optimizer,
    fakes,
    discriminatorSteps,
    discriminatorUpdate,
    classWeight,
    gradientPenalty: penaltyOf(params),
    ema,
    augment,
  };
}
