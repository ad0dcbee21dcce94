/** Outputs that a stage's parameters leave out. */
import { describe, expect, test } from 'vitest';
import type { Ports } from '../../../src/core/ports.ts';
import { filesIn, planOf, run, type TestStage } from '../rig.ts';

const outputs: Ports = {
  files: { kind: 'files', description: 'Always.' },
  more: { kind: 'files', description: 'Perhaps.', omittable: true },
};
const without = { params: { more: false }, omitted: [{ output: 'more', because: ['more'] }] };

const detailsOf = async (stage: Omit<TestStage, 'id'>) => {
  const { outcome } = await run(planOf([{ id: 'make', outputs, ...stage }]));
  return outcome.failure?.details ?? [];
};

describe('an output that is left out', () => {
  test('is not there, or undefined, and not in the record', async () => {
    expect(await detailsOf(without)).toEqual([]);
    const { outcome, read } = await run(
      planOf([
        {
          id: 'make',
          outputs,
          ...without,
          run: ({ outputDir }) => ({ files: filesIn(outputDir), more: undefined }),
        },
      ]),
    );
    expect(outcome.failure).toBeNull();
    const { outputs: recorded } = JSON.parse(await read('stages', 'make', 'stage.json')) as {
      outputs: object;
    };
    expect(Object.keys(recorded)).toEqual(['files']);
  });

  test('is a fault where it is there', async () => {
    const both: TestStage['run'] = ({ outputDir }) => ({
      files: filesIn(outputDir),
      more: filesIn(outputDir),
    });
    expect(await detailsOf({ ...without, run: both })).toEqual([
      'output "more" is there, and the stage\'s omits leaves it out: its more is false',
    ]);
    expect(await detailsOf({ run: both })).toEqual([]);
  });

  test('is missing where the parameters do not leave it out', async () => {
    expect(await detailsOf({})).toEqual(['output "more" (files) is missing']);
  });
});
