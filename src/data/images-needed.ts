import type { DatasetArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { DatasetOutline } from '../core/outline.ts';
import type { ParamProblem } from '../core/stage.ts';

/** The problem of a stage that takes images alone, where its data set is known to be numbers. */
export function imagesNeeded({ shape }: DatasetOutline): readonly ParamProblem[] {
  if (shape === undefined) return [];
  return [
    {
      path: [],
      code: 'no-images',
      message: `the data set is numbers of shape [${shape.map(size => size ?? '?').join(', ')}], and images are needed`,
      hint: 'Take images, such as those of load-images; networks for numbers are trained by fit.',
    },
  ];
}

/** @throws Failure for a data set that is numbers */
export function needImages(artifact: DatasetArtifact): void {
  const [problem] = imagesNeeded(artifact);
  if (problem === undefined) return;
  throw new Failure({ ...problem, exitCode: 2, details: [`It comes from ${artifact.source}.`] });
}
