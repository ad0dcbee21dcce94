import { expect, it } from 'vitest';
import { faultOf } from '../../src/sweep/report.ts';
import { definition, SweepWorld, type Attempt } from './driver-rig.ts';

async function fault(changes: Parameters<typeof definition>[0], run: Attempt) {
  const world = new SweepWorld();
  await world.drive(definition(changes), run);
  return faultOf(world.sweep());
}

it('a complete sweep says why it has found nothing', async () => {
  const failed: Attempt = () => ({ end: 'failed', failure: { code: 'x', message: 'no', hint: null } });
  expect(await fault({ where: ['a.x > 9'] }, () => ({ value: 1 }))).toBe(
    'no trial has run: every point was tried',
  );
  expect(await fault({}, failed)).toBe('all 3 trials failed');
  expect(await fault({}, () => ({}))).toBe('no trial has measured a.loss');
  expect(await fault({}, () => ({ value: NaN }))).toBeUndefined();
  expect(
    await fault({}, ({ values, start, attempt }) =>
      values['a.x'] === 1 ? { value: 1 } : failed({ values, start, attempt }),
    ),
  ).toBeUndefined();
});
