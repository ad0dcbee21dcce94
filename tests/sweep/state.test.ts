import { expect, it } from 'vitest';
import { SweepState } from '../../src/sweep/state.ts';
import { definition } from './driver-rig.ts';

const at = (time: string) => `2026-01-01T${time}.000Z`;
const opened = (time: string) =>
  ({ type: 'opened', at: at(time), workers: 1, threads: 1, budget: {}, retries: 1 }) as const;
const closed = (time: string) => ({ type: 'closed', at: at(time), why: 'stopped' }) as const;

it('the time that drivers have spent has no pauses between them, and none that a clock was set back', () => {
  const { spentMs } = new SweepState(definition(), [
    opened('10:00:00'),
    closed('10:00:30'),
    opened('12:00:00'),
    closed('12:00:20'),
    closed('09:00:00'),
    closed('09:00:10'),
    opened('08:00:00'),
    closed('08:00:01'),
  ]);
  expect(spentMs).toBe(61_000);
});
