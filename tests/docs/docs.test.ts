import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TObject } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { Port, StageDefinition } from '../../src/core/stage.ts';
import { bindGan } from '../../src/models/gan.ts';
import type { GanSpec } from '../../src/models/schema.ts';
import { loadPlan, type LoadPlanResult } from '../../src/plan/load-plan.ts';
import { REGISTRY_GITIGNORE } from '../../src/registry/internal/gitignore.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';
import { temporaryRegistry } from '../registry/rig.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';
import {
  anchors,
  codeBlocks,
  codeSpans,
  documents,
  readDocument,
  relativeLinks,
  root,
  shellLines,
  tableRows,
} from './markdown.ts';

const readme = readDocument('README.md');
const architecture = readDocument('ARCHITECTURE.md');

/** Every TypeScript source in one text. */
const sourceText = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n');

const isMissing = (path: string): boolean => !existsSync(join(root, path));

describe.each(documents)('%s', name => {
  const text = readDocument(name);

  it('links to files and headings that exist', () => {
    const broken = relativeLinks(text).filter(link => {
      const [file, anchor] = link.split('#');
      if (file && isMissing(file)) return true;
      return anchor !== undefined && !anchors(file ? readDocument(file) : text).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = shellLines(text).flatMap(line => /\bnpm run ([\w:-]+)/.exec(line)?.[1] ?? []);
    expect(named.filter(script => scripts[script] === undefined)).toEqual([]);
  });

  it('shows commands and options that exist', async () => {
    const { stdout: help } = await runMain(['--help'], root);
    const commands = [...help.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, command = '']) => command);
    const unknown: string[] = [];
    for (const line of shellLines(text)) {
      const [, command, rest = ''] = /(?:^|[ (])pipe ([a-z]+)(?![\w/])(.*)$/.exec(line) ?? [];
      if (command === undefined) continue;
      if (!commands.includes(command)) unknown.push(line);
      const { stdout } = await runMain([command, '--help'], root);
      const options = rest.match(/--[a-z-]+/g) ?? [];
      if (options.some(option => !stdout.includes(option))) unknown.push(line);
    }
    expect(unknown).toEqual([]);
  });
});

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('the paths in %s', name => {
  it('exist', () => {
    const isPath = /^(src|tests|bench|scripts|bin|schema|pipelines|examples|docs|\.ci)\/[^\s*<>]*$/;
    const paths = codeSpans(readDocument(name)).filter(span => isPath.test(span));
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter(isMissing)).toEqual([]);
  });
});

/** The files that README.md shows, each with its path in a comment on the first line. */
const shownFiles = new Map(
  codeBlocks(readme).flatMap(({ text }) => {
    const path = /^(?:#|\/\/) (\S+\.(?:ya?ml|ts))\n/.exec(text)?.[1];
    return path === undefined ? [] : [[path, text] as const];
  }),
);

const shownPipelines = [...shownFiles.keys()].filter(path => {
  const content: unknown = path.endsWith('.yaml') ? parse(shownFiles.get(path) ?? '') : null;
  return typeof content === 'object' && content !== null && 'stages' in content;
});

describe('what README.md shows of pipelines and stages', () => {
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
    expect(shownPipelines).toHaveLength(3);
    expect([...shownFiles.keys()].filter(path => path.endsWith('.ts'))).toHaveLength(1);
    const yaml = codeBlocks(readme).filter(({ language }) => language === 'yaml');
    expect(yaml).toHaveLength([...shownFiles.keys()].filter(path => path.endsWith('.yaml')).length);
  });

  it.each(shownPipelines)('%s is valid', async file => {
    const result = await load(file);
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it('the networks fit pictures like those of CIFAR-10', async () => {
    const result = await load('pipelines/shapes.yaml');
    const build = result.ok ? result.plan.stages.find(({ id }) => id === 'build-model') : undefined;
    const { latent, generator, discriminator } = build?.params['model'] as GanSpec;
    const classes = Array.from({ length: 10 }, (_, index) => String(index));
    const data = { latentDim: latent, imageShape: [32, 32, 3], classes } as const;
    expect(bindGan({ ...data, generator, discriminator }).generator.conditional).toBe(true);
  });

  it('the stage does what it says', async () => {
    const result = await load('night.yaml');
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

describe('the tables of README.md', () => {
  const spans = (cell: string | undefined) => codeSpans(cell ?? '');

  it('quote messages that the code has', () => {
    const quotes = tableRows(readme, 'what you see').flatMap(([symptom]) => spans(symptom));
    expect(quotes.length).toBeGreaterThan(8);
    expect(quotes.filter(quote => !sourceText.includes(quote))).toEqual([]);
  });

  it('list the environment variables that the code reads', () => {
    const listed = ['environment variable', 'variable of pip and uv']
      .flatMap(heading => tableRows(readme, heading))
      .flatMap(([names]) => spans(names))
      .map(name => name.replace(/=.*/, ''));
    const read = new Set(
      [...sourceText.matchAll(/\benv\['([A-Z][A-Z0-9_]*)'\]/g)].map(([, name = '']) => name),
    );
    expect(listed.toSorted()).toEqual([...read].sort());
  });

  it('list every command', async () => {
    const { stdout: help } = await runMain(['--help'], root);
    const commands = [...help.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, command = '']) => command);
    const shown = tableRows(readme, 'command').flatMap(([cell]) =>
      spans(cell).map(span => span.split(' ')[1] ?? ''),
    );
    expect(shown.toSorted()).toEqual(commands.filter(command => command !== 'help').sort());
  });
});

describe('the files of an experiment', () => {
  it('are those that README.md shows', async () => {
    const sourceFiles = [{ path: 'source/changes.patch', content: Buffer.from('diff') }];
    const writer = await temporaryRegistry().claim(newExperiment({ sourceFiles }));
    const { dir } = writer;
    await writer.beginStage('train');
    writer.log('train', 'a line\n');
    await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
    const tree = codeBlocks(readme).find(({ text }) => text.startsWith('experiments/exp-1/\n'))?.text ?? '';
    const names = (indent: string) =>
      [...tree.matchAll(new RegExp(`^${indent}([\\w.]+)(?:/\\S*)?(?: |$)`, 'gm'))].map(
        ([, name = '']) => name,
      );
    expect(names(' {2}').sort()).toEqual(readdirSync(dir).sort());
    expect(names(' {4}')).toEqual(expect.arrayContaining(readdirSync(join(dir, 'stages', 'train'))));
  });
});

describe('the layout in ARCHITECTURE.md', () => {
  const rows = tableRows(architecture, 'folder');
  const nameOf = (cell: string | undefined) => codeSpans(cell ?? '')[0] ?? '';

  it('names files and folders that exist', () => {
    const layout = codeBlocks(architecture)[0]?.text ?? '';
    const paths = [...layout.matchAll(/^(\S+) {2,}/gm)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter(isMissing)).toEqual([]);
  });

  it('has a row for every folder of src/', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter(entry =>
      entry.isDirectory(),
    );
    expect(rows.map(([folder]) => nameOf(folder)).sort()).toEqual(folders.map(({ name }) => name).sort());
  });

  it('has the import rule of eslint.config.js', () => {
    const config = readFileSync(join(root, 'eslint.config.js'), 'utf8');
    const layers = [...config.matchAll(/^ {2}(\w+): \[(.*)\],$/gm)].map(([, folder = '', allowed = '']) => [
      folder,
      [...allowed.matchAll(/'(\w+)'/g)].map(([, name]) => name),
    ]);
    const told = rows.map(([folder, , imports]) => [nameOf(folder), codeSpans(imports ?? '')] as const);
    expect(Object.fromEntries(told.filter(([folder]) => folder !== 'cli'))).toEqual(
      Object.fromEntries(layers),
    );
  });
});

describe('the folder experiments of the checkout', () => {
  it('has the .gitignore that every registry gets, and a README of what a registry holds', () => {
    const read = (name: string) => readFileSync(join(root, 'experiments', name), 'utf8');
    expect(read('.gitignore')).toBe(REGISTRY_GITIGNORE);
    const ignored = REGISTRY_GITIGNORE.split('\n').flatMap(line => /^\/(.*?)\/?$/.exec(line)?.[1] ?? []);
    const told = tableRows(read('README.md'), 'name').map(([cell]) => codeSpans(cell ?? '')[0] ?? '');
    expect(told.map(name => name.replace('exp-1', 'exp-*').replace('/', '')).sort()).toEqual(ignored.sort());
  });

  it('is an empty registry to every command, and its files are left alone', async () => {
    const folder = await temporaryFolder();
    await cp(join(root, 'experiments', 'README.md'), join(folder, 'experiments', 'README.md'));
    await cp(join(root, 'experiments', '.gitignore'), join(folder, 'experiments', '.gitignore'));
    for (const command of ['list', 'verify', 'gc', 'gc --empty-trash', 'restore', 'tag', 'list --json']) {
      const { exitCode, stderr } = await runMain(command.split(' '), folder);
      expect([command, exitCode]).toEqual([command, 0]);
      expect(stderr).toMatch(/^$|^There (is|are) n/);
    }
    await openRegistry(join(folder, 'experiments')).claim(newExperiment());
    expect(readdirSync(join(folder, 'experiments'))).toEqual(
      expect.arrayContaining(['.gitignore', 'README.md', 'exp-1']),
    );
    expect((await runMain(['verify'], folder)).stdout).not.toContain('unexpected');
  });
});
