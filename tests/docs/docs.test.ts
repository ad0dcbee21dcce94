import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry, REGISTRY_GITIGNORE } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';
import { temporaryRegistry } from '../registry/rig.ts';
import { temporaryFolder } from '../rig/stage-context.ts';
import {
  anchors,
  codeBlocks,
  codeSpans,
  documents,
  guides,
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
    const broken = relativeLinks(name).filter(
      ({ file, anchor }) =>
        isMissing(file) || (anchor !== undefined && !anchors(readDocument(file)).includes(anchor)),
    );
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

const aboutCode = documents.filter(
  name => name.startsWith('docs/design/') || name === 'ARCHITECTURE.md' || name === 'CONTRIBUTING.md',
);

describe.each(aboutCode)('the paths in %s', name => {
  it('exist', () => {
    const isPath = /^(src|tests|bench|scripts|bin|schema|pipelines|examples|docs|\.ci)\/[^\s*<>]*$/;
    const paths = codeSpans(readDocument(name)).filter(span => isPath.test(span));
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter(isMissing)).toEqual([]);
  });
});

describe('README.md', () => {
  it('is read in five minutes, and leads to every page of docs/', () => {
    expect(readme.split('\n').length).toBeLessThan(150);
    const linked = relativeLinks('README.md').map(({ file }) => file);
    expect(guides.filter(page => page !== 'README.md' && !linked.includes(page))).toEqual([]);
  });
});

describe('the tables of the guides', () => {
  const troubleshooting = readDocument('docs/troubleshooting.md');
  const spans = (cell: string | undefined) => codeSpans(cell ?? '');

  it('quote messages that the code has', () => {
    const quotes = tableRows(troubleshooting, 'what you see').flatMap(([symptom]) => spans(symptom));
    expect(quotes.length).toBeGreaterThan(8);
    expect(quotes.filter(quote => !sourceText.includes(quote))).toEqual([]);
  });

  it('list the environment variables that the code reads', () => {
    const listed = ['environment variable', 'variable of pip and uv']
      .flatMap(heading => tableRows(troubleshooting, heading))
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
  it('are those that docs/experiments.md shows', async () => {
    const sourceFiles = [{ path: 'source/changes.patch', content: Buffer.from('diff') }];
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment({ sourceFiles }));
    const { dir } = writer;
    await writer.beginStage('train');
    writer.log('train', 'a line\n');
    await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
    registry.keepPicture(writer.id, '<svg/>');
    const tree =
      codeBlocks(readDocument('docs/experiments.md')).find(({ text }) =>
        text.startsWith('experiments/exp-1/\n'),
      )?.text ?? '';
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
