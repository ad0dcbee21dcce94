/** A data set in parts, of which a pipeline leaves one out: run, cached, reused, reproduced. */
import { rm } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';

const countStage = `
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe';

export default defineStage({
  name: 'count',
  version: 1,
  summary: 'Counts the examples of each part.',
  params: Type.Object({ times: Type.Integer({ default: 1, description: 'Times this.' }) }),
  inputs: {
    dataset: { kind: 'dataset', description: 'The training part.' },
    validation: { kind: 'dataset', description: 'The validation part.', optional: true, byName: true },
    test: { kind: 'dataset', description: 'The test part.', optional: true, byName: true },
  },
  outputs: { files: { kind: 'files', description: 'counts.json' } },
  async run({ inputs, params, outputDir, report }) {
    const counts = Object.entries(inputs).map(([name, part]) => name + ' ' + part.count * params.times).sort();
    await writeFile(join(outputDir, 'counts.json'), JSON.stringify(counts));
    report(counts.join(', '));
    return { files: { kind: 'files', dir: outputDir, files: ['counts.json'] } };
  },
});
`;

const pipeline = `name: parts
stages:
  - { use: load-cifar, params: { source: synthetic, count: 200 } }
  - use: split-dataset
  - use: ./count.ts
`;

describe('a part that is not asked for', () => {
  let project: Project;
  const pipe = (...args: readonly string[]) => runPipe(args, { cwd: project.dir });
  const counts = (id: string) =>
    project.readJson<string[]>(`experiments/${id}/stages/count/output/counts.json`);

  beforeAll(async () => {
    project = await makeProject({ 'parts.yaml': pipeline, 'count.ts': countStage });
    const { exitCode, stderr } = await pipe('run', 'parts.yaml');
    expect(exitCode, stderr).toBe(0);
  });

  test('is no output of the experiment, and the input that could have it is left out', async () => {
    expect(await counts('exp-1')).toEqual(['dataset 180', 'validation 20']);
    const stored = await project.readJson<{ outputs: object }>(
      'experiments/exp-1/stages/split-dataset/stage.json',
    );
    expect(Object.keys(stored.outputs)).toEqual(['dataset', 'validation']);
    expect((await pipe('verify', 'exp-1')).exitCode).toBe(0);
  });

  test('is not missed by what reuses the others', async () => {
    expect((await pipe('run', 'parts.yaml')).stderr).toContain('exp-1');
    await rm(project.path('experiments', '.cache'), { recursive: true });
    const from = await pipe('run', 'parts.yaml', '--from', 'count', '--set', 'count.times=10');
    expect(from.exitCode, from.stderr).toBe(0);
    expect(from.stderr).toContain('outputs of exp-1');
    expect(await counts('exp-2')).toEqual(['dataset 1800', 'validation 200']);
    const again = await pipe('reproduce', 'exp-1');
    expect(again.exitCode, again.stderr).toBe(0);
  });

  test('is made once it is asked for', async () => {
    const { stderr } = await pipe('run', 'parts.yaml', '--set', 'split-dataset.test=0.2');
    const [id = ''] = /exp-\d+(?= · parts)/.exec(stderr) ?? [];
    expect(await counts(id)).toEqual(['dataset 140', 'test 40', 'validation 20']);
  });

  test('cannot be taken, which is found before anything runs', async () => {
    await project.write('named.yaml', `${pipeline}    inputs: { test: split-dataset.test }\n`);
    const { exitCode, stderr } = await pipe('run', 'named.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'named.yaml:6:21 error: input "test" of stage "count" names an output that stage "split-dataset" does not make: its test is "none"',
    );
    expect(stderr).toContain('change split-dataset.test, or take another output');
  });
});
