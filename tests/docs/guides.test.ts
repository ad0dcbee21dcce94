import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TObject } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { Port } from '../../src/core/ports.ts';
import type { StageDefinition } from '../../src/core/stage.ts';
import { expandGan } from '../../src/models/blocks/expand-gan.ts';
import { bindGan } from '../../src/models/gan.ts';
import type { GanSpec } from '../../src/models/schema.ts';
import { loadPlan, type LoadPlanResult } from '../../src/plan/load-plan.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';
import { codeBlocks, guides, readDocument } from './markdown.ts';

const pathOf = (block: string) => /^(?:#|\/\/) (\S+\.(?:ya?ml|ts))\n/.exec(block)?.[1];

/** The files that the guides show, each with its path in a comment on the first line. */
const shownFiles = new Map(
  guides.flatMap(name =>
    codeBlocks(readDocument(name)).flatMap(({ text }) => {
      const path = pathOf(text);
      return path === undefined ? [] : [[path, text] as const];
    }),
  ),
);

const shownPipelines = [...shownFiles.keys()].filter(path => {
  const content: unknown = path.endsWith('.yaml') ? parse(shownFiles.get(path) ?? '') : null;
  return typeof content === 'object' && content !== null && 'stages' in content;
});

describe('what the guides show of pipelines and stages', () => {
  let project: string;
  const load = (file: string): Promise<LoadPlanResult> => loadPlan(file, { cwd: project, env: {} });

  beforeAll(async () => {
    project = await temporaryFolder();
    for (const [path, text] of shownFiles) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
  });

  it('is a pipeline, one that extends it, networks, a stage, and a pipeline that uses it', () => {
    expect(shownPipelines.length).toBeGreaterThanOrEqual(3);
    expect([...shownFiles.keys()]).toEqual(
      expect.arrayContaining(['my-stages/darken.ts', 'pipelines/networks/shapes.yaml']),
    );
  });

  it.each(shownPipelines)('%s is valid', async file => {
    const result = await load(file);
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it('the networks fit pictures like those of CIFAR-10', async () => {
    const result = await load('pipelines/shapes.yaml');
    const build = result.ok ? result.plan.stages.find(({ id }) => id === 'build-model') : undefined;
    const { latent, generator, discriminator } = expandGan(build?.params['model'] as GanSpec);
    const classes = Array.from({ length: 10 }, (_, index) => String(index));
    const data = { latentDim: latent, imageShape: [32, 32, 3], classes } as const;
    expect(bindGan({ ...data, generator, discriminator }).generator.conditional).toBe(true);
  });

  it('the stage does what it says', async () => {
    const result = await load('pipelines/night.yaml');
    const planned = result.ok ? result.plan.stages.find(({ id }) => id === 'darken') : undefined;
    if (planned === undefined) expect.fail('night.yaml has no stage darken');
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'i'), Uint8Array.of(0, 100, 255, 40));
    await writeFile(join(dir, 'l'), Uint8Array.of(1, 0));
    const dataset: DatasetArtifact = {
      kind: 'dataset',
      dir,
      images: 'i',
      labels: 'l',
      count: 2,
      height: 1,
      width: 2,
      channels: 1,
      classes: ['one', 'other'],
      source: 'test',
      sha256: '',
      transform: { scale: [1], offset: [0] },
    };
    type Datasets = { readonly dataset: Port<'dataset'> };
    const stage = planned.stage as StageDefinition<TObject, Datasets, Datasets>;
    const { outputs, context } = await runStage(stage, planned.params, { inputs: { dataset } });
    const { dataset: darker } = outputs;
    expect([...(await readFile(join(darker.dir, darker.images)))]).toEqual([0, 30, 77, 12]);
    expect([...(await readFile(join(darker.dir, darker.labels)))]).toEqual([1, 0]);
    expect(context.reports).toEqual(['2 images, × 0.3']);
  });
});
