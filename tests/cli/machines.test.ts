import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';

/** Counts without end; where it goes on, from 100 to 105. */
const stage = `
import { setTimeout } from 'node:timers/promises';
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: 'count', version: 1, summary: 'Counts.', params: Type.Object({}), inputs: {}, outputs: {}, resumable: [],
  metrics: { number: { description: 'The number.', direction: 'none' } },
  async run(context) {
    context.resume?.keepMetrics(step => step < 100);
    for (let number = context.resume ? 100 : 1; !context.resume || number <= 105; number++) {
      context.emit({ type: 'metric', step: number, values: { number } });
      if (number === 1) context.emit({ type: 'log', level: 'warning', text: 'at 1' });
      await setTimeout(1);
    }
    return {};
  },
});
`;

/** Runs what follows on a machine of its own: with its host name, machine id and boot id. */
const machine = (project: Project, id: string, boot: string) => [
  'unshare',
  '--uts',
  '--mount',
  'sh',
  '-ec',
  'hostname node; mount --bind "$1" /proc/sys/kernel/random/boot_id; mount --bind "$2" /etc/machine-id; shift 2; exec "$@"',
  'sh',
  project.path(boot),
  project.path(id),
];

const canPretend =
  spawnSync('unshare', [
    '--uts',
    '--mount',
    'sh',
    '-c',
    'test -f /etc/machine-id && mount --bind /dev/null /etc/machine-id',
  ]).status === 0;

describe.skipIf(!canPretend)('machines of the same name (needs root, unshare and /etc/machine-id)', () => {
  let project: Project;
  const pidOf = async (id: string) =>
    (await project.readJson<ExperimentRecord>(`experiments/${id}/experiment.json`)).process.pid;
  const on = (id: string, boot: string) => ({ cwd: project.dir, within: machine(project, id, boot) });

  beforeAll(async () => {
    project = await makeProject({
      'x.yaml': 'name: x\nstages:\n  - use: ./count.ts\n',
      'count.ts': stage,
      'id-a': `${'a'.repeat(32)}\n`,
      'id-b': `${'b'.repeat(32)}\n`,
      'boot-1': '10000000-0000-4000-8000-000000000000',
      'boot-2': '20000000-0000-4000-8000-000000000000',
    });
  });

  test('a live run of another machine stays its own; one that was taken for gone stops when it comes back', async () => {
    const first = startPipe(['run', 'x.yaml'], on('id-a', 'boot-1'));
    await first.stderrUntil(/at 1/);
    // The command, and the process of the run that it follows and tells when it goes on.
    first.kill('SIGSTOP');
    process.kill(await pidOf('exp-1'), 'SIGSTOP');

    const other = on('id-b', 'boot-2');
    expect((await runPipe(['list'], other)).stdout).toMatch(/exp-1 +x +running/);
    const refused = await runPipe(['resume', 'exp-1'], other);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect(refused.stderr).toContain('exp-1 is recorded as running');

    // Cloned with the machine's id: what ran on the original looks like a process of an earlier boot.
    const clone = on('id-a', 'boot-2');
    expect((await runPipe(['list'], clone)).stdout).toMatch(/exp-1 +x +crashed/);
    const resumed = await runPipe(['resume', 'exp-1'], clone);
    expect(resumed.exitCode, resumed.stderr).toBe(0);

    const before = await project.read('experiments/exp-1/metrics.jsonl');
    first.kill('SIGCONT');
    const { exitCode, stdout, stderr } = await first.finished;
    expect(stderr).toMatch(
      /error: exp-1 was taken over by process \d+ on node: this process is superseded and stops/,
    );
    expect(stderr).toContain('→ pipe show exp-1 shows its progress');
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });

    expect(await project.read('experiments/exp-1/metrics.jsonl')).toBe(before);
    const verified = await runPipe(['verify', 'exp-1'], clone);
    expect(verified.exitCode, verified.stdout).toBe(0);
    expect((await runPipe(['show', 'exp-1'], other)).stdout).toMatch(/exp-1 {2}x {2}finished/);
  });

  test('a run that was taken by --force is told of', async () => {
    const first = startPipe(['run', 'x.yaml', '--set', 'seed=2'], on('id-a', 'boot-1'));
    await first.stderrUntil(/at 1/);
    const pid = await pidOf('exp-2');
    const other = on('id-b', 'boot-2');
    expect(await runPipe(['resume', 'exp-2', '--force'], other)).toMatchObject({ exitCode: 0 });
    expect(await first.finished).toMatchObject({ exitCode: 4 });
    expect((await runPipe(['show', 'exp-2'], other)).stdout).toMatch(
      new RegExp(`resumed .* superseding process ${pid} on node`),
    );
  });
});
