/** The example of an artifact of one's own: a stage makes it, another takes it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeProject, runPipe } from '../rig/pipe.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

interface Made {
  readonly outputs: { readonly means: { readonly counts: number[]; readonly classes: string[] } };
}

it('classifies drawn pictures by the mean of each class, far better than by chance', async () => {
  const project = await makeProject();
  const pipeline = parse(await readFile(join(examples, 'nearest-mean.yaml'), 'utf8')) as {
    readonly stages: { use: string; params?: { count: number } }[];
  };
  for (const stage of pipeline.stages) {
    if (stage.params !== undefined) stage.params.count = 200;
    stage.use = stage.use.replace('./', `${examples}/`);
  }
  await writeFile(project.path('p.yaml'), stringify(pipeline));
  const { exitCode, stderr } = await runPipe(['run', 'p.yaml', '--json'], { cwd: project.dir });
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('% of 200 pictures')]);

  const { means } = (await project.readJson<Made>('experiments/exp-1/stages/class-means/stage.json')).outputs;
  expect(means).toMatchObject({ kind: 'class-means', dir: 'stages/class-means/output', height: 32 });
  expect(means.counts).toHaveLength(means.classes.length);
  expect(means.counts.reduce((sum, count) => sum + count)).toBe(200);
  const points = (await project.read('experiments/exp-1/metrics.jsonl')).trim().split('\n');
  const { values } = JSON.parse(points[0] ?? '') as { readonly values: { readonly accuracy: number } };
  // By chance one in ten.
  expect(values.accuracy).toBeGreaterThan(0.2);
});
