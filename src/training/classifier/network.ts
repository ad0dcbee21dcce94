import type { DatasetArtifact } from '../../core/artifacts.ts';
import type { DatasetOutline, PredictorOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { codeDir } from '../../host/paths.ts';
import { writtenPath } from '../../models/blocks/written-path.ts';
import type { Network } from '../../models/network.ts';
import {
  bindPredictor,
  builtInPredictor,
  expandPredictor,
  inferPredictor,
  type ExpandedPredictor,
  type Prediction,
} from '../../models/predictor.ts';
import type { FitParams } from './params.ts';
import { knownOutline, predictionOf } from './prediction.ts';

type Written = FitParams['network'];

const expandedOf = (network: Written): ExpandedPredictor =>
  typeof network === 'string' ? builtInPredictor(codeDir, network) : expandPredictor(network);

const inNetwork = (problem: ParamProblem): ParamProblem => ({
  ...problem,
  path: ['network', ...problem.path],
});

/** Mistakes of a network as written, without data. */
export const blockProblems = (network: Written): readonly ParamProblem[] =>
  typeof network === 'string' ? [] : expandedOf(network).mistakes.map(inNetwork);

/** Problems of a network with data, as far as that is known. */
export function networkProblems(written: Written, dataset: DatasetOutline): readonly ParamProblem[] {
  const { network, warnings } = expandedOf(written);
  const mistakes = hasKnownAxes(dataset) ? inferPredictor(network, predictionOf(dataset)).mistakes : [];
  return [
    ...mistakes.map(({ path, code, message, hint }) =>
      inNetwork({ path: typeof written === 'string' ? [] : writtenPath(written, path), code, message, hint }),
    ),
    ...warnings.map(inNetwork),
  ];
}

/** False where examples may be pictures or numbers of any shape, such as those of an array that was not opened yet. */
const hasKnownAxes = ({ shape, height, width, channels }: DatasetOutline): boolean =>
  [shape, height, width, channels].some(size => size !== undefined);

/** @throws Failure that names the layers that do not fit */
export const fitNetwork = (written: Written, dataset: DatasetArtifact): Network =>
  // The data is there, so that all sizes are known.
  bindPredictor(expandedOf(written).network, predictionOf(knownOutline(dataset)) as Prediction<number>);

/** What is known of a network that learns from data. */
export function predictorOutline({
  shape,
  height,
  width,
  channels,
  classes,
  targetNames,
}: DatasetOutline): PredictorOutline {
  if (shape !== undefined) return { shape, images: false, classes, targetNames };
  const isPicture = height !== undefined || width !== undefined || channels !== undefined;
  return { classes, targetNames, ...(isPicture && { shape: [height, width, channels], images: true }) };
}
