import { Option } from 'commander';
import { oneOf } from '../config/problems.ts';
import { nearest } from '../core/nearest.ts';
import { resumableOf } from '../core/stage-functions.ts';
import type { Plan } from '../plan/plan.ts';
import type { Pause } from '../run/execute/run-services.ts';
import { optionFailure, type OptionFault, type OptionText } from './option-failure.ts';

/** `--pause-at train:1500`, by which a sweep pauses its trials: not for people, so in no help and no completion. */
export const pauseOption = (): Option => new Option('--pause-at <stage:step>').hideHelp();

/** Parses the text of `--pause-at`; undefined where the option is not given. @throws Failure, exit code 2, for another text */
export function parsePause(text: string | undefined, cwd: string): (OptionText & Pause) | undefined {
  if (text === undefined) return undefined;
  const option = { option: '--pause-at', text, cwd };
  const [, stage = '', step] = /^([^:]+):([1-9]\d*)$/.exec(text) ?? [];
  if (Number.isSafeInteger(Number(step))) return { ...option, stage, step: Number(step) };
  throw optionFailure(option, {
    code: 'wrong-pause',
    message: `cannot read --pause-at ${text}`,
    expected: '<stage id>:<step>, a step from 1 on',
    hint: 'for example: --pause-at train:1500',
  });
}

/** @throws Failure, exit code 2, for a stage that the plan does not have, or that cannot pause */
export function checkPause(pause: (OptionText & Pause) | undefined, { stages }: Plan): void {
  if (pause === undefined) return;
  const refuse = (fault: Omit<OptionFault, 'length'>) =>
    optionFailure(pause, { ...fault, length: pause.stage.length });
  const ids = stages.map(({ id }) => id);
  const planned = stages.find(({ id }) => id === pause.stage);
  if (planned === undefined)
    throw refuse({
      code: 'unknown-stage-id',
      message: `--pause-at names an unknown stage "${pause.stage}"`,
      expected: oneOf(ids),
      suggestion: nearest(pause.stage, ids),
    });
  const resumable = resumableOf(planned.stage);
  if (resumable?.pausable === true) return;
  const why = resumable === undefined ? 'does not resume from what it left' : 'does not say that it pauses';
  throw refuse({
    code: 'not-pausable',
    message: `stage "${pause.stage}" cannot pause: it ${why}`,
    hint: 'a stage that pauses has resumable: { parameters: […], pausable: true }, as train and fit have',
  });
}
