import { beforeAll, describe, expect, it } from 'vitest';
import { isDraft, sweepProject, words, type SweepProject } from './rig.ts';

let sweeps: SweepProject;
beforeAll(async () => {
  sweeps = await sweepProject();
});

const sweep = (...lines: readonly string[]): string =>
  ['pipeline: p.yaml', 'objective: { metric: g_loss, direction: min }', ...lines, ''].join('\n');

const MISTAKES: readonly (readonly [what: string, text: string, found: string])[] = [
  [
    'pauses that are said twice',
    sweep('stop: { method: asha, stage: train, min: 3, rungs: [5] }'),
    's.yaml:3:42 [3] where trials pause is said twice: rungs and min | leave one of them out',
  ],
  [
    'an end behind that of the stage',
    sweep('stop: { method: asha, stage: train, min: 3, max: 900 }'),
    's.yaml:3:50 [900] train ends at iteration 90, before 900 | at most 90',
  ],
  [
    'an end that varies',
    sweep('vary: { train.iterations: [50, 100] }', 'stop: { method: asha, stage: train, min: 3 }'),
    's.yaml:4:7 [{ method: asha, stage: train, min: 3 }] how long train runs is not known: train.iterations varies | the largest: max: 100',
  ],
  [
    'pauses that are closer than an iteration',
    sweep('stop: { method: asha, stage: train, min: 1, eta: 1.05 }'),
    's.yaml:3:50 [1.05] the iterations at which trials pause do not ascend: 1, 1',
  ],
];

describe('a mistake in early stopping is shown before anything runs:', () => {
  it.each(MISTAKES)('%s', async (_what, text, found) => {
    const read = await sweeps.read(text);
    if (isDraft(read)) throw new Error('no mistake was found');
    expect(words(read).join('\n')).toContain(found);
  });

  it('an end that varies may be said', async () => {
    const read = await sweeps.read(
      sweep(
        'vary: { train.iterations: [50, 100] }',
        'stop: { method: asha, stage: train, min: 9, max: 100 }',
      ),
    );
    expect(isDraft(read) && read.early).toMatchObject({ rungs: [9, 27, 81], max: 100 });
  });
});
