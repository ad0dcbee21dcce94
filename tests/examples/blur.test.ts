import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import type { TObject } from 'typebox';
import type { Port } from '../../src/core/ports.ts';
import type { StageDefinition } from '../../src/core/stage.ts';
import { loadPlan } from '../../src/plan/load-plan.ts';
import type { PlannedStage } from '../../src/plan/plan.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';

type Datasets = { readonly dataset: Port<'dataset'> };
type Blur = StageDefinition<TObject, Datasets, Datasets>;

const root = fileURLToPath(new URL('../..', import.meta.url));

async function blurStage(): Promise<PlannedStage> {
  const result = await loadPlan('examples/blur.yaml', { cwd: root, env: {} });
  expect(result.ok ? [] : result.problems).toEqual([]);
  const stage = result.ok ? result.plan.stages.find(({ id }) => id === 'blur') : undefined;
  return stage ?? expect.fail('examples/blur.yaml has no stage blur');
}

/** Pictures of 3×3 pixels and one channel. */
async function datasetOf(...images: readonly (readonly number[])[]): Promise<DatasetArtifact> {
  const dir = await temporaryFolder();
  await writeFile(join(dir, 'i'), Uint8Array.from(images.flat()));
  await writeFile(join(dir, 'l'), Uint8Array.from(images.map((_, index) => index % 2)));
  return {
    kind: 'dataset',
    dir,
    images: 'i',
    labels: 'l',
    count: images.length,
    height: 3,
    width: 3,
    channels: 1,
    classes: ['even', 'odd'],
    source: 'test',
    sha256: '',
    transform: { scale: [1], offset: [0] },
  };
}

async function blur(dataset: DatasetArtifact, signal?: AbortSignal) {
  const { stage } = await blurStage();
  return runStage(stage as Blur, { radius: 1 }, { inputs: { dataset }, ...(signal && { signal }) });
}

describe('the example of a stage of one’s own', () => {
  it('is bound between the stages of pipe', async () => {
    const stage = await blurStage();
    expect(stage.params).toEqual({ radius: 2 });
    expect(stage.bindings).toEqual({ dataset: { stage: 'load-cifar', output: 'dataset' } });
    expect(stage.files.map(file => file.slice(root.length))).toEqual([
      'examples/my-stages/blur.ts',
      'examples/my-stages/box-blur.ts',
    ]);
  });

  it('makes each pixel the mean of its neighbours, and keeps labels and everything else', async () => {
    const dataset = await datasetOf([0, 0, 0, 0, 180, 0, 0, 0, 0], [9, 9, 9, 9, 9, 9, 9, 9, 9]);
    const { outputs, context } = await blur(dataset);
    const images = await readFile(join(context.outputDir, outputs.dataset.images));
    const labels = await readFile(join(context.outputDir, outputs.dataset.labels));
    expect([...images.subarray(0, 9)]).toEqual([45, 30, 45, 30, 20, 30, 45, 30, 45]);
    expect([...images.subarray(9)]).toEqual(Array(9).fill(9));
    expect([...labels]).toEqual([0, 1]);
    const sha256 = createHash('sha256').update(images).update(labels).digest('hex');
    expect(outputs.dataset).toMatchObject({
      count: 2,
      classes: ['even', 'odd'],
      source: 'test, blurred',
      sha256,
    });
    expect(context.reports).toEqual(['2 images, radius 1']);
  });

  it('works through more pictures than it holds at a time, and says how far it is', async () => {
    const { context } = await blur(await datasetOf(...Array<number[]>(1200).fill(Array<number>(9).fill(1))));
    expect(context.events.map(event => event.type === 'progress' && event.done)).toEqual([500, 1000, 1200]);
    expect((await readFile(join(context.outputDir, 'images.u8'))).length).toBe(1200 * 9);
  });

  it('stops when it is interrupted', async () => {
    const dataset = await datasetOf([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await expect(blur(dataset, AbortSignal.abort())).rejects.toBeInstanceOf(Interrupted);
  });
});
