import type { DatasetArtifact, ModelArtifact } from '../../core/artifacts.ts';
import { Failure, isError } from '../../core/failure.ts';
import type { DatasetOutline, ModelOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { imagesNeeded } from '../../data/images-needed.ts';
import { paramProblems } from './param-problems.ts';
import type { GanParams } from './params.ts';

/** What keeps networks from learning from a data set, as far as the two are known. */
export function fitProblems(dataset: DatasetOutline, model: ModelOutline): readonly ParamProblem[] {
  const numbers = imagesNeeded(dataset);
  if (numbers.length > 0) return numbers;
  return [
    ...wrongChannels(dataset),
    ...otherImages(dataset, model),
    ...otherClasses(dataset, model),
    ...otherRange(dataset, model),
  ];
}

/** @throws Failure with the first thing that keeps the networks from learning from the data set by these parameters. */
export function checkFit(params: GanParams, dataset: DatasetArtifact, model: ModelArtifact): void {
  const { classes, conditional, imageShape } = model;
  const [height, width, channels] = imageShape;
  const known = { classes, conditional, height, width, channels };
  const problems = [...fitProblems(dataset, known), ...paramProblems(params, dataset, known)];
  const problem = problems.find(isError);
  if (problem !== undefined) throw new Failure({ ...problem, exitCode: 2 });
}

const error = (code: string, message: string, hint: string): readonly ParamProblem[] => [
  { path: [], code, message, hint },
];

/** Sample grids are PNGs. */
function wrongChannels({ channels }: DatasetOutline): readonly ParamProblem[] {
  if (channels === undefined || channels === 1 || channels === 3) return [];
  return error(
    'wrong-channels',
    `the images have ${channels} channels: only those with 1 (grey) or 3 (RGB) can be drawn`,
    'put a stage before it that makes images of 1 or 3 channels',
  );
}

function otherImages(dataset: DatasetOutline, model: ModelOutline): readonly ParamProblem[] {
  const sides = (['height', 'width', 'channels'] as const).filter(side => {
    const [here, there] = [dataset[side], model[side]];
    return here !== undefined && there !== undefined && here !== there;
  });
  if (sides.length === 0) return [];
  const shown = (outline: DatasetOutline) =>
    [outline.width, outline.height, outline.channels].map(size => size ?? '?').join('×');
  return error(
    'other-images',
    `the networks are built for images of ${shown(model)}, and these are of ${shown(dataset)}`,
    'build the networks for the data set that they learn from: bind both stages to the same one with inputs',
  );
}

function otherClasses(dataset: DatasetOutline, model: ModelOutline): readonly ParamProblem[] {
  const [here, there] = [dataset.classes, model.classes];
  if (model.conditional !== true || here === undefined || there === undefined) return [];
  if (here.join('\n') === there.join('\n')) return [];
  return error(
    'other-classes',
    `the networks are built for the classes ${there.join(', ')}, and the images are of ${here.join(', ')}`,
    'build the networks for the data set that they learn from: bind both stages to the same one with inputs',
  );
}

/** What the generator cannot draw, the discriminator tells at a glance. */
function otherRange({ range }: DatasetOutline, { drawn }: ModelOutline): readonly ParamProblem[] {
  if (range === undefined || drawn === undefined) return [];
  const [low, high] = drawn.range;
  const isBounded = Number.isFinite(high);
  if (isBounded ? isClose(range[0], low) && isClose(range[1], high) : range[0] >= low) return [];
  const numbers = ([from, to]: readonly [number, number]) =>
    Number.isFinite(to) ? `from ${shortest(from)} to ${shortest(to)}` : `from ${shortest(from)} up`;
  const wanted = isBounded ? `[${low}, ${high}]` : `[${Math.max(low, 0)}, 1]`;
  return [
    {
      path: [],
      code: 'range-mismatch',
      severity: 'warning',
      message: `the images are numbers ${numbers(range)}, and the generator draws numbers ${numbers(drawn.range)} (its last activation is ${drawn.activation})`,
      hint: `let a normalize stage with range: ${wanted} come before it`,
    },
  ];
}

const isClose = (value: number, other: number): boolean => Math.abs(value - other) < 1e-3;

const shortest = (value: number): string => String(Number(value.toPrecision(3)));
