/** What points name beside parameters: their pipeline, and the seed, which they must not. */
import { child, find } from '../config/node.ts';
import { oneOf } from '../config/problems.ts';
import type { Point } from '../search/space.ts';
import { PIPELINE } from './definition.ts';
import { keyOf, placeOf, reportAt, type Reporter } from './problems.ts';

/** Reports the seed as something that varies. */
export function reportVariedSeed(path: readonly (string | number)[], reporter: Reporter): void {
  reportAt(reporter, keyOf(reporter, path), 'varied-seed', 'the seed is no parameter to vary', {
    hint: 'repeats of each point: seeds: [1, 2, 3]',
  });
}

/** The place of a pipeline's name in the sweep's file. */
export function placeOfPipelineAt({ root }: Reporter, index: number) {
  const node = child(root, PIPELINE) ?? root;
  return (node.kind === 'list' ? find(node, [index]).value : node).span;
}

/** Reports a pipeline that is listed twice. */
export function checkPipelines(pipelines: readonly string[], reporter: Reporter): void {
  pipelines.forEach((pipeline, index) => {
    if (pipelines.indexOf(pipeline) < index)
      reportAt(
        reporter,
        placeOfPipelineAt(reporter, index),
        'repeated-value',
        `the pipeline ${pipeline} is there twice`,
      );
  });
}

/** Each point names one of several pipelines, each pipeline is named, and no point names a seed. */
export function checkPointNames(
  points: readonly Point[],
  pipelines: readonly string[],
  reporter: Reporter,
): void {
  points.forEach((point, index) => {
    if (Object.hasOwn(point, 'seed')) reportVariedSeed(['points', index, 'seed'], reporter);
    checkPipelineOf(point, index, pipelines, reporter);
  });
  if (pipelines.length < 2) return;
  pipelines.forEach((pipeline, index) => {
    if (!points.some(point => point[PIPELINE] === pipeline))
      reportAt(
        reporter,
        placeOfPipelineAt(reporter, index),
        'unused-pipeline',
        `no point names the pipeline "${pipeline}"`,
        { hint: `leave it out, or add a point: { pipeline: ${pipeline} }` },
      );
  });
}

function checkPipelineOf(
  point: Point,
  index: number,
  pipelines: readonly string[],
  reporter: Reporter,
): void {
  const number = index + 1;
  const named = point[PIPELINE];
  if (named === undefined && pipelines.length > 1)
    reportAt(
      reporter,
      placeOf(reporter, ['points', index]),
      'no-pipeline',
      `point ${number} names no pipeline, though there are several`,
      { expected: `pipeline: ${pipelines.join(' or ')}` },
    );
  if (named !== undefined && !pipelines.some(each => each === named))
    reportAt(
      reporter,
      placeOf(reporter, ['points', index, PIPELINE]),
      'unknown-pipeline',
      `point ${number} names the pipeline ${JSON.stringify(named)}, which the sweep does not list`,
      { expected: oneOf(pipelines), hint: 'list all of them: pipeline: [a.yaml, b.yaml]' },
    );
}
