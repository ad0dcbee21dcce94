import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startPipe } from '../rig/pipe.ts';
import { processesWith, projectWithSweep, shown, sweepIn } from '../sweep/command-rig.ts';

const GRID = `pipeline: pipeline.yaml
set: { objective.noise: 0 }
vary:
  objective.x: [0, 1]
  objective.shape: [bowl, valley]
objective: objective.objective
`;

describe('pipe sweep', () => {
  it('runs every point, shows the ranking, and has nothing left to do then', async () => {
    const project = await projectWithSweep(GRID);
    const first = await sweepIn(project);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^sweep-1 {2}s · complete: every point was tried\n4 done · /);
    const [, , , , head, ...rows] = first.stdout.split('\n');
    expect(head?.split(/ {2,}/)).toEqual([
      'rank',
      'point',
      'objective',
      'status',
      'objective.x',
      'objective.shape',
      'experiments',
    ]);
    expect(rows.slice(0, 4).map(row => row.trim().split(/ {2,}/).slice(1))).toEqual([
      ['4', '0.6667', 'done', '1', 'valley', 'exp-4'],
      ['2', '1.778', 'done', '0', 'valley', 'exp-2'],
      ['3', '4.556', 'done', '1', 'bowl', 'exp-3'],
      ['1', '5.667', 'done', '0', 'bowl', 'exp-1'],
    ]);
    expect(first.stderr).toContain('point 1 (objective.x=0, objective.shape=bowl): finished exp-1, 5.667');
    // What does not depend on the varied parameters was computed once.
    expect(await project.read('runs.log')).toBe('ready\n');

    const again = await sweepIn(project);
    expect(again.stderr).toBe('nothing is left to do: sweep-1 is complete; --new begins another\n');
    const resumed = await sweepIn(project, ['resume', 'sweep-1']);
    expect(resumed.stderr).toBe(
      'nothing is left to do: sweep-1 is complete; a larger budget in s.yaml lets it go on\n',
    );
    const verified = await sweepIn(project, ['verify']);
    expect(verified).toMatchObject({
      exitCode: 0,
      stdout: 'sweep-1: ok: 4 suggestions and 4 starts follow from the results before them\n',
    });
    const listed = await sweepIn(project, ['list']);
    expect(listed.stdout).toMatch(/sweep-1 {2}s {5}complete {2}4 done {2}objective 0.6667 \(1, valley\)/);

    // A second sweep of the same points takes over their results.
    const anew = await sweepIn(project, ['s.yaml', '--new']);
    expect(anew.stderr).toContain('equals exp-4, 0.6667');
    expect(await project.exists('experiments/exp-5')).toBe(false);
  });

  it('pauses at Ctrl-C, and goes on to the same end', async () => {
    const project = await projectWithSweep(
      GRID.replace('noise: 0', 'noise: 0, objective.fault: hang, objective.faultX: 1'),
    );
    const pipe = startPipe(['sweep', 's.yaml'], { cwd: project.dir });
    await pipe.stderrUntil(/point 3 .* begins/);
    const rival = await sweepIn(project);
    expect(rival.exitCode).toBe(2);
    expect(rival.stderr).toMatch(/sweep-1 is driven by process \d+/);
    pipe.kill('SIGINT');
    expect(await pipe.finished).toMatchObject({ exitCode: 130 });
    expect(pipe.stderr).toContain('sweep-1 is stopped; to go on: pipe sweep resume sweep-1');
    expect((await shown(project)).status).toBe('stopped');
    await project.write('release', '');
    const { exitCode, stdout, stderr } = await sweepIn(project, ['resume', 'sweep-1', '--workers', '2']);
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('point 1 ');
    expect(stdout).toContain('complete: every point was tried\n4 done');
    expect((await shown(project)).points.map(({ point, value }) => [point, value?.toFixed(3)])).toEqual([
      [4, '0.667'],
      [2, '1.778'],
      [3, '4.556'],
      [1, '5.667'],
    ]);
  });

  it('takes no trial for crashed that a terminal’s Ctrl-C ends before it listens', async () => {
    const project = await projectWithSweep(
      `${GRID.replace('noise: 0', 'noise: 0, objective.fault: hang')}retries: 0\n`,
    );
    const mark = `${process.pid}-interrupt`;
    const pipe = startPipe(['sweep', 's.yaml'], { cwd: project.dir, env: { TEST_SWEEP: mark } });
    await pipe.stderrUntil(/point 1 .* begins/);
    const processes = () => processesWith(`TEST_SWEEP=${mark}`);
    while (processes().length < 2) await setImmediate();
    for (const pid of processes()) process.kill(pid, 'SIGINT');
    expect(await pipe.finished).toMatchObject({ exitCode: 130 });
    expect((await shown(project)).points.map(({ trials }) => trials[0]?.status)).toEqual(['stopped']);
  });

  it('refuses to go on with a file, or a pipeline, that was edited', async () => {
    const project = await projectWithSweep(
      GRID.replace('x: [0, 1]', 'x: [0]').replace('noise: 0', 'noise: 0, objective.fault: hang'),
    );
    const pipe = startPipe(['sweep', 's.yaml'], { cwd: project.dir });
    await pipe.stderrUntil(/begins/);
    pipe.kill('SIGTERM');
    await pipe.finished;
    const text = await project.read('s.yaml');
    await project.write('s.yaml', text.replace('[0]', '[0, 2]'));
    const edited = await sweepIn(project);
    expect(edited.exitCode).toBe(2);
    expect(edited.stderr).toContain('sweep-1 was begun from s.yaml, which says something else now');
    expect(edited.stderr).toContain('what varies:');
    expect(edited.stderr).toContain('pipe sweep s.yaml --new');
    await project.write('s.yaml', text);
    await project.write(
      'pipeline.yaml',
      (await project.read('pipeline.yaml')).replace('steps: 9', 'steps: 8'),
    );
    expect((await sweepIn(project)).stderr).toContain('pipeline.yaml was edited');
  });

  it('lets trials pause at rungs, and resumes the promising ones to the bit', async () => {
    const asha = `${GRID}stop: { method: asha, stage: objective, rungs: [3], max: 9, eta: 2 }\n`;
    const project = await projectWithSweep(asha);
    const { exitCode, stderr } = await sweepIn(project);
    expect(exitCode, stderr).toBe(0);
    expect((await sweepIn(project, ['list'])).stdout).toContain('2 done, 2 pruned');
    const paused = await shown(project);
    expect(paused.points.map(({ point, status }) => [point, status])).toEqual([
      [4, 'done'],
      [2, 'done'],
      [3, 'pruned'],
      [1, 'pruned'],
    ]);
    const whole = await projectWithSweep(GRID);
    await sweepIn(whole);
    expect(paused.points.slice(0, 2).map(({ value }) => value)).toEqual(
      (await shown(whole)).points.slice(0, 2).map(({ value }) => value),
    );
  });

  it('records what fails, and ends with 1 only where everything did', async () => {
    const project = await projectWithSweep(
      `${GRID.replace('noise: 0', 'noise: 0, objective.fault: failure, objective.faultX: 0')}retries: 0\n`,
    );
    const some = await sweepIn(project);
    expect(some.exitCode).toBe(0);
    expect(some.stdout).toContain('2 done, 2 failed');
    expect(some.stdout).toContain('point 1, repeat 1 (exp-1) told to fail at step 2');
    const all = await sweepIn(
      await projectWithSweep(
        GRID.replace('noise: 0', 'noise: 0, objective.fault: failure').replace('x: [0, 1]', 'x: [0]'),
      ),
    );
    expect(all).toMatchObject({ exitCode: 1 });
    expect(all.stderr).toContain('all 2 trials failed');
  });

  it('gives up a trial that always crashes, and keeps the results of trials that were removed', async () => {
    const project = await projectWithSweep(
      GRID.replace('noise: 0', 'noise: 0, objective.fault: crash, objective.faultX: 0').replace(
        '[bowl, valley]',
        '[bowl]',
      ),
    );
    const { stdout } = await sweepIn(project);
    expect(stdout).toContain('1 done, 1 failed');
    expect(stdout).toContain('the process was killed (SIGKILL)');
    await sweepIn(project, ['show']);
    const { dir } = project;
    const removed = startPipe(['rm', 'exp-2'], { cwd: dir });
    expect((await removed.finished).exitCode).toBe(0);
    const verified = await sweepIn(project, ['verify']);
    expect(verified).toMatchObject({ exitCode: 0 });
    expect(verified.stdout).toContain('not here any more, their results are in the journal: exp-2');
  });
});
