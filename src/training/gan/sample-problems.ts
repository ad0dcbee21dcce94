/** Mistakes in what the stage `sample` is to draw. */
import type { ModelOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { unknownClasses } from '../../data/unknown-classes.ts';
import { interpolationOf, LONGEST_ROW, type SampleParams } from './sample-params.ts';

const LABELLED = 'train a conditional model such as cgan';

/** Where `interpolate` says what changes along a row. */
const placeOfBetween = ({ interpolate }: SampleParams): readonly string[] =>
  typeof interpolate === 'string' ? ['interpolate'] : ['interpolate', 'between'];

/** Problems of the parameters alone. */
export function sampleProblems(params: SampleParams): readonly ParamProblem[] {
  const { count, classes } = params;
  const interpolation = interpolationOf(params);
  if (interpolation === undefined) return [];
  const problems: ParamProblem[] = [];
  if (count < 2)
    problems.push({
      path: ['count'],
      code: 'interpolation-of-one',
      message: 'an interpolation has two ends, and its rows are to have 1 image',
      hint: 'set count to 2 or more: it is the number of images of a row',
    });
  if (count > LONGEST_ROW)
    problems.push({
      path: ['count'],
      code: 'long-interpolation',
      message: `a row of an interpolation has at most ${LONGEST_ROW} images, and count is ${count}`,
      hint: 'set a smaller count, and more rows: interpolate: { between: noise, rows: 20 }',
    });
  if (interpolation.between === 'classes' && classes?.length === 1)
    problems.push({
      path: ['classes'],
      code: 'interpolation-of-one-class',
      message: 'an interpolation between classes takes two of them or more, and classes names one',
      hint: 'name another class, or leave out classes for all of them',
    });
  return problems;
}

/** Problems with the model, as far as it is known. */
export function modelProblems(
  params: SampleParams,
  model: Pick<ModelOutline, 'conditional' | 'classes'>,
): readonly ParamProblem[] {
  const { classes: wanted = [] } = params;
  if (model.conditional === false) return problemsWithoutLabels(params);
  const unknown = unknownClasses(wanted, model.classes ?? wanted);
  const isOfOne = model.classes?.length === 1 && wanted.length === 0;
  if (!isOfOne || interpolationOf(params)?.between !== 'classes') return unknown;
  return [
    {
      path: placeOfBetween(params),
      code: 'interpolation-of-one-class',
      message: 'an interpolation between classes takes two of them or more, and the model has one',
      hint: 'set interpolate: noise',
    },
  ];
}

function problemsWithoutLabels(params: SampleParams): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (params.classes !== undefined)
    problems.push({
      path: ['classes'],
      code: 'classes-without-labels',
      message: 'the model takes no labels: it cannot draw the classes asked for',
      hint: `leave out classes, or ${LABELLED}`,
    });
  if (params.noise === 'shared')
    problems.push({
      path: ['noise'],
      code: 'noise-without-labels',
      message: 'the model takes no labels: there are no classes that could share noise',
      hint: `leave out noise, or ${LABELLED}`,
    });
  if (interpolationOf(params)?.between === 'classes')
    problems.push({
      path: placeOfBetween(params),
      code: 'interpolation-without-labels',
      message: 'the model takes no labels: it draws nothing between classes',
      hint: `set interpolate: noise, or ${LABELLED}`,
    });
  return problems;
}
