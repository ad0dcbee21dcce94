import type { DatasetArtifact } from '../../core/artifacts.ts';
import type { DatasetOutline } from '../../core/outline.ts';
import type { Prediction } from '../../models/predictor.ts';
import { named } from '../../models/size.ts';

/** What is to be predicted of a data set, as far as it is known. */
export function predictionOf({
  shape,
  height,
  width,
  channels,
  classes,
  targetNames,
}: DatasetOutline): Prediction {
  const picture = [height ?? named('height'), width ?? named('width'), channels ?? named('channels')];
  return {
    input: shape?.map(size => size ?? named('channels')) ?? picture,
    outputs: (targetNames ?? classes)?.length ?? named('classes'),
    isRegression: targetNames !== undefined,
  };
}

/** The outline of a data set that is there. */
export const knownOutline = ({ targets, ...dataset }: DatasetArtifact): DatasetOutline => ({
  ...dataset,
  ...(targets === undefined ? {} : { targetNames: targets.names, classes: undefined }),
});
