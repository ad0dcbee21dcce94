/** Sweeps by the real command, over a stage without TensorFlow. */
import { readFileSync, readdirSync } from 'node:fs';
import { runPipe, type PipeResult, type Project } from '../rig/pipe.ts';
import { sweepProject } from '../rig/sweep-project.ts';

/** What prepares has a seed of its own, so that one result serves all seeds. */
const PIPELINE = `name: objective
seed: 1
stages:
  - { use: ./prepare.ts, seed: 1 }
  - use: ./objective.ts
    params: { x: 0, y: 0, steps: 9 }
`;

/** A project with the pipeline `pipeline.yaml` and the sweep `s.yaml`. */
export const projectWithSweep = (sweep: string): Promise<Project> =>
  sweepProject({ 'pipeline.yaml': PIPELINE, 's.yaml': sweep });

export const sweepIn = (
  { dir }: Project,
  args: readonly string[] = ['s.yaml'],
  env: Readonly<Record<string, string>> = {},
): Promise<PipeResult> => runPipe(['sweep', ...args], { cwd: dir, env });

interface Shown {
  readonly status: string;
  readonly best: number | null;
  readonly points: readonly {
    readonly point: number;
    readonly status: string;
    readonly value?: number;
    readonly n: number;
    readonly values: Readonly<Record<string, unknown>>;
    readonly trials: readonly {
      readonly status: string;
      readonly experiment?: string;
      readonly value?: number;
    }[];
  }[];
}

export async function shown(project: Project): Promise<Shown> {
  const { stdout } = await sweepIn(project, ['show', '--json']);
  return JSON.parse(stdout) as Shown;
}

/** The final table: what must not depend on how often a sweep was killed. */
export const tableOf = ({ points, best, status }: Shown) => ({
  status,
  best,
  points: points.map(({ point, status: state, value, n, values }) => ({ point, state, value, n, values })),
});

/** Processes with this variable in their environment: those of one test. */
export function processesWith(variable: string): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(variable);
      } catch {
        // It is gone, or another user's.
        return false;
      }
    })
    .map(Number);
}
