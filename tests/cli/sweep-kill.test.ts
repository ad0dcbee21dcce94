/** Drivers and trials of a sweep are killed at random moments: the sweep ends with the table of one that was left in peace. */
import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { startPipe } from '../rig/pipe.ts';
import { seedWords, testSeed } from '../rig/seed.ts';
import { processesWith, projectWithSweep, shown, sweepIn, tableOf } from '../sweep/command-rig.ts';

/** `SWEEP_KILLS=50` for the long form. */
const KILLS = Number(process.env['SWEEP_KILLS'] ?? 4);

const SWEEP = `pipeline: pipeline.yaml
vary:
  objective.x: { range: [-2, 3] }
  objective.y: { range: [-4, 4] }
method: tpe
seeds: 2
objective: objective.objective
stop: { method: asha, stage: objective, rungs: [3], max: 9, eta: 2 }
budget: { runs: 12 }
retries: 1000
`;

test(
  `a sweep that is killed ${KILLS} times ends like one that is not ${seedWords}`,
  { timeout: 60_000 + KILLS * 30_000 },
  async () => {
    const [whole, killed] = [await projectWithSweep(SWEEP), await projectWithSweep(SWEEP)];
    const began = performance.now();
    const undisturbed = await sweepIn(whole);
    expect(undisturbed.exitCode, undisturbed.stderr).toBe(0);
    const life = performance.now() - began;
    const random = new Random(testSeed);
    for (let kill = 0; kill < KILLS; kill++) {
      const mark = `TEST_SWEEP=${process.pid}-${kill}`;
      const pipe = startPipe(['sweep', 's.yaml'], {
        cwd: killed.dir,
        env: { TEST_SWEEP: mark.split('=')[1] },
      });
      const isOver = pipe.finished.then(() => true);
      const moment = new Promise<boolean>(resolve => setTimeout(resolve, random.uniform(0, life / 2), false));
      if (await Promise.race([isOver, moment])) break;
      const trials = () => processesWith(mark).filter(pid => pid !== pipe.pid);
      const whom = random.integer(0, 2);
      if (whom !== 0) for (const pid of trials()) tryKill(pid);
      if (whom !== 1) pipe.kill('SIGKILL');
      // A driver whose trial was killed goes on: it is stopped like one that is left alone.
      else if (
        !(await Promise.race([isOver, new Promise<boolean>(resolve => setTimeout(resolve, life / 8, false))]))
      )
        pipe.kill('SIGKILL');
      await pipe.finished;
    }
    const last = await sweepIn(killed);
    expect(last.exitCode, last.stderr).toBe(0);
    const table = tableOf(await shown(killed));
    expect(table).toEqual(tableOf(await shown(whole)));
    expect((await sweepIn(killed, ['verify'])).exitCode).toBe(0);
    // No trial was done twice: each has one experiment.
    const { experiments } = await openRegistry(killed.path('experiments')).list();
    const names = experiments.map(({ record: { sweep } }) => `${sweep?.point}/${sweep?.repeat}`);
    expect(new Set(names).size).toBe(names.length);
  },
);

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
