import type { DatasetOutline } from '../core/outline.ts';
import type { ParamProblem } from '../core/stage.ts';
import { FEWEST_PICTURES } from './measures/kid.ts';
import type { ReferenceParams } from './params.ts';

/** Pictures below which scores say little. */
const FEW = 1000;

type Settings = Pick<ReferenceParams, 'count' | 'searched' | 'neighbours'>;

/** Pictures of each side that KID and the search of so many neighbours take. */
export const fewestPictures = (neighbours: number): number => Math.max(FEWEST_PICTURES, neighbours + 1);

/** Numbers of pictures that are too small for scores, or for narrow intervals. */
export function countProblems(
  settings: Settings,
  dataset: DatasetOutline,
  training: DatasetOutline | undefined,
): readonly ParamProblem[] {
  const errors = [
    ...tooSmall(settings, training),
    ...tooFewHeldOut(settings, dataset, training),
    ...tooFewTraining(settings, training),
  ];
  return errors.length > 0 ? errors : fewPictures(settings, dataset);
}

/** Without training pictures, real pictures are one half of the held-out ones against the other. */
const fewestHeldOut = ({ neighbours }: Settings, training: DatasetOutline | undefined): number =>
  fewestPictures(neighbours) * (training === undefined ? 2 : 1);

const halves = (training: DatasetOutline | undefined): string =>
  training === undefined ? ', of which one half is scored against the other' : '';

function tooSmall(settings: Settings, training: DatasetOutline | undefined): readonly ParamProblem[] {
  const least = { count: fewestHeldOut(settings, training), searched: fewestPictures(settings.neighbours) };
  const small = (
    [['count', halves(training)], ...(training ? [['searched', ''] as const] : [])] as const
  ).filter(([name]) => settings[name] < least[name]);
  return small.map(([name, words]) => ({
    path: [name],
    code: 'too-few-pictures',
    message: `${name} is ${settings[name]}${words}, and scores with neighbours: ${settings.neighbours} take at least ${least[name]} pictures`,
    hint: `set ${name} to ${least[name]} or more, and to thousands for narrow intervals`,
  }));
}

function tooFewHeldOut(
  settings: Settings,
  { count }: DatasetOutline,
  training: DatasetOutline | undefined,
): readonly ParamProblem[] {
  const least = fewestHeldOut(settings, training);
  if (count === undefined || count >= least) return [];
  return [
    {
      path: [],
      code: 'too-few-pictures',
      message: `the held-out pictures are ${count}${halves(training)}, and scores with neighbours: ${settings.neighbours} take at least ${least}`,
      hint: 'hold out more pictures, such as with split-dataset',
    },
  ];
}

function tooFewTraining(
  { neighbours }: Settings,
  training: DatasetOutline | undefined,
): readonly ParamProblem[] {
  const [least, count] = [fewestPictures(neighbours), training?.count];
  if (count === undefined || count >= least) return [];
  return [
    {
      path: [],
      code: 'too-few-pictures',
      message: `the training pictures are ${count}, and scores with neighbours: ${neighbours} take at least ${least}`,
      hint: 'give it more training pictures, or leave out the input training',
    },
  ];
}

/** What becomes of the interval where pictures are few. */
function fewPictures({ count }: Settings, dataset: DatasetOutline): readonly ParamProblem[] {
  const least = Math.min(count, dataset.count ?? count);
  if (least >= FEW) return [];
  const times = Math.sqrt(10_000 / least);
  return [
    {
      path: [],
      code: 'few-pictures',
      severity: 'warning',
      message: `${least} pictures are compared: intervals are about ${times.toFixed(0)} times as wide as those of 10,000, and FID is too large`,
      hint: 'give it more held-out pictures, and go by KID',
    },
  ];
}
