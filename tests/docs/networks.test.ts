import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { expandGan } from '../../src/models/blocks/expand-gan.ts';
import { bindGan, BUILT_IN_GANS } from '../../src/models/gan.ts';
import { activationSchema } from '../../src/models/layers/activations.ts';
import { initializerSchema } from '../../src/models/initializers.ts';
import { layerKinds } from '../../src/models/layers/index.ts';
import type { GanSpec } from '../../src/models/schema.ts';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { summarize } from '../../src/models/summary.ts';
import { runMain } from '../cli/run-main.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import { codeBlocks, codeSpans, readDocument, tableRows } from './markdown.ts';

const page = readDocument('docs/networks.md');
const blocks = codeBlocks(page);
const fileOf = (path: string) => blocks.find(({ text }) => text.startsWith(`# ${path}\n`))?.text ?? '';

const span = (value: unknown) => `\`${Array.isArray(value) ? JSON.stringify(value) : String(value)}\``;

/** `filters`, and `strides` = `1` for one with a default. */
function parametersOf(params: TObject): string {
  const properties = params.properties as Record<string, { default?: unknown }>;
  return Object.entries(properties)
    .map(([name, { default: value }]) =>
      value === undefined ? span(name) : `${span(name)} = ${span(value)}`,
    )
    .join(', ');
}

test('the table of layers is that of the code', () => {
  const rows = [...layerKinds.values()].map(({ type, description, params }) => [
    span(type),
    description,
    parametersOf(params as TObject),
  ]);
  expect(tableRows(page, 'layer')).toEqual(rows);
});

test('every layer has its shapes', () => {
  const rows = tableRows(page, 'shapes of').flatMap(([names]) => codeSpans(names ?? ''));
  expect(rows.toSorted()).toEqual([...layerKinds.keys()].sort());
});

test('the activations are those of the code', () => {
  const names = (activationSchema('') as unknown as { anyOf: { const: string }[] }).anyOf.map(
    ({ const: name }) => name,
  );
  expect(tableRows(page, 'activation').map(([name]) => name)).toEqual(names.map(span));
});

test('the initialisers are those of the code', () => {
  const [, mapping] = (initializerSchema('', 'zeros') as unknown as { anyOf: { oneOf: TObject[] }[] }).anyOf;
  const rows = (mapping?.oneOf ?? []).flatMap(({ properties: { use, ...options } }) =>
    (use as unknown as { enum: string[] }).enum.map(name => [
      span(name),
      parametersOf({ properties: options } as TObject),
    ]),
  );
  expect(tableRows(page, 'initialiser').map(([name, , options]) => [name, options])).toEqual(rows);
});

test('the network fits grey pictures whose sides can be divided by four', () => {
  const { latent, generator, discriminator } = expandGan(parse(fileOf('networks/digits.yaml')) as GanSpec);
  const data = { latentDim: latent, imageShape: [28, 28, 1], classes: ['0', '1'] } as const;
  const gan = bindGan({ ...data, generator, discriminator });
  expect(gan.generator.output).toEqual([28, 28, 1]);
  expect(gan.generator.conditional).toBe(false);
});

test('every ready-made model is in the table', () => {
  const names = tableRows(page, 'model').map(([name]) => codeSpans(name ?? '')[0]);
  expect(names.toSorted()).toEqual([...BUILT_IN_GANS].sort());
});

test('the model of one’s own can be trained', async () => {
  const project = await temporaryFolder();
  await mkdir(join(project, 'networks'));
  await writeFile(join(project, 'networks/own.yaml'), fileOf('networks/own.yaml'));
  await writeFile(join(project, 'own-gan.yaml'), fileOf('own-gan.yaml'));
  const result = await loadPlan('own-gan.yaml', { cwd: project, env: {} });
  expect(result.ok ? result.plan.pipeline.warnings : result.problems).toEqual([]);
});

test('the ResNet fits, and its summary begins as shown', () => {
  const { latent, generator, discriminator, mistakes, warnings } = expandGan({
    latent: 100,
    ...(parse(fileOf('networks/resnet.yaml')) as Omit<GanSpec, 'latent'>),
  });
  expect([mistakes, warnings]).toEqual([[], []]);
  const data = { latentDim: latent, imageShape: [32, 32, 3], classes: ['0', '1'] } as const;
  const gan = bindGan({ ...data, generator, discriminator });
  expect(gan.generator.weights.map(({ key }) => key)).toContain(
    'generator/up_1/residual/shortcut/conv2d/kernel',
  );
  const shown = blocks.find(({ text }) => text.startsWith('generator: '))?.text;
  expect(summarize(gan.generator).startsWith(shown ?? 'nothing')).toBe(true);
});

/** What `pipe validate` prints about a pipeline with these networks of the page. */
async function validated(path: string): Promise<string> {
  const project = await temporaryFolder();
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), fileOf(path));
  const stages = [
    '{ use: load-cifar, params: { source: synthetic, count: 20 } }',
    `{ use: build-model, params: { model: ${path} } }`,
  ];
  await writeFile(
    join(project, 'wrong.yaml'),
    `name: wrong\nstages:\n${stages.map(stage => `  - ${stage}\n`).join('')}`,
  );
  const { stderr } = await runMain(['validate', 'wrong.yaml'], project);
  return stderr.replace(/\nwrong\.yaml has .*\n$/, '');
}

test.each(['networks/wrong.yaml', 'networks/shortcut.yaml'])(
  'mistakes in %s are shown as they are',
  async path => {
    const shown = blocks.find(({ text }) => text.startsWith(`${path}:`))?.text;
    expect(shown).toBe(await validated(path));
  },
);
