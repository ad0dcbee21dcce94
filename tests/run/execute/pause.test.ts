import { expect, test } from 'vitest';
import { Paused } from '../../../src/core/failure.ts';
import { cancellation } from '../../../src/run/execute/cancel.ts';
import { planOf, run, type TestStage } from '../rig.ts';

/** Stages that note the step that they were told to pause at. */
function threeStages(run?: TestStage['run']) {
  const told: Record<string, number | undefined> = {};
  const noting = (id: string): TestStage => ({
    id,
    run: context => {
      told[id] = context.pauseAt;
      if (id === 'second' && run !== undefined) return run(context);
      return { files: { kind: 'files', dir: context.outputDir, files: [] } };
    },
  });
  return { plan: planOf(['first', 'second', 'third'].map(noting)), told };
}

test('the one stage is told where to pause; its end is an interruption with a reason, and nothing follows it', async () => {
  const { plan, told } = threeStages(({ pauseAt = 0 }) => {
    throw new Paused('step', pauseAt, 13_500);
  });
  const { outcome, record, display } = await run(plan, { pause: { stage: 'second', step: 1500 } });
  expect(told).toEqual({ first: undefined, second: 1500 });
  expect(outcome).toMatchObject({ status: 'interrupted', failure: null });
  const reason = 'paused at step 1500 of 13500';
  expect(record).toMatchObject({
    status: 'interrupted',
    failure: null,
    stages: [
      { status: 'ran', reason: null },
      { status: 'interrupted', reason },
      { status: 'skipped', reason: 'interrupted' },
    ],
  });
  expect(display.ends.get('second')).toMatchObject({ status: 'interrupted', text: reason });
});

test('a stage that has no more to do than that runs to its end, and what follows it runs', async () => {
  const { plan, told } = threeStages();
  const { outcome } = await run(plan, { pause: { stage: 'second', step: 3 } });
  expect(outcome.status).toBe('finished');
  expect(told).toEqual({ first: undefined, second: 3, third: undefined });
});

test('a signal before the step is no pause: the stage gives no reason', async () => {
  const cancel = cancellation();
  const { plan } = threeStages(({ signal }) => {
    cancel.request();
    signal.throwIfAborted();
  });
  const { record } = await run(plan, { cancel, pause: { stage: 'second', step: 3 } });
  expect(record.stages[1]).toMatchObject({ status: 'interrupted', reason: null });
});
