import { Option } from 'commander';
import type { TrialRecord } from '../core/experiment.ts';
import { optionFailure } from './option-failure.ts';

/** `--trial sweep-1/3/2`, by which a sweep starts its trials: not for people, so in no help and no completion. */
export const trialOption = (): Option => new Option('--trial <sweep/point/repeat>').hideHelp();

/** Parses the text of `--trial`; undefined where the option is not given. @throws Failure, exit code 2, for another text */
export function parseTrial(text: string | undefined, cwd: string): TrialRecord | undefined {
  if (text === undefined) return undefined;
  const [, id, point, repeat] = /^(sweep-[1-9]\d*)\/([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? [];
  const trial = { id: id ?? '', point: Number(point), repeat: Number(repeat) };
  if (Number.isSafeInteger(trial.point) && Number.isSafeInteger(trial.repeat)) return trial;
  throw optionFailure(
    { option: '--trial', text, cwd },
    {
      code: 'wrong-trial',
      message: `cannot read --trial ${text}`,
      expected: '<sweep>/<point>/<repeat>, both numbers from 1 on',
      hint: 'for example: --trial sweep-1/3/2',
    },
  );
}
