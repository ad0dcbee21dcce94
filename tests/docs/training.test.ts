import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as pipe from '../../src/index.ts';
import { optimizerParams } from '../../src/training/optimizers/param.ts';
import { scheduleParam } from '../../src/training/schedule-param.ts';
import { codeBlocks, codeSpans, readDocument, root, tableRows } from './markdown.ts';

const page = readDocument('docs/training.md');

/** Lines without their indentation, which differs between a file and a part of it. */
const lines = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join('\n');

const examples = ['denoise.yaml', 'networks/denoiser.yaml', 'my-stages/denoise.ts']
  .map(name => lines(readFileSync(join(root, 'examples', name), 'utf8')))
  .join('\n');

test('what the guide to training shows is in the example, which is tested', () => {
  const shown = codeBlocks(page).filter(({ language }) => language !== 'sh');
  expect(shown).toHaveLength(8);
  expect(shown.filter(({ text }) => !examples.includes(lines(text)))).toEqual([]);
});

test('the schedules that it shows are valid', () => {
  const schedules = tableRows(page, 'schedule').map(([cell = '']) => codeSpans(cell)[0] ?? '');
  expect(schedules).toHaveLength(4);
  for (const text of schedules) expect(Value.Check(scheduleParam, parse(text)), text).toBe(true);
});

test('the settings of optimizers that it names are those of train', () => {
  const rows = tableRows(page, '`optimizer`');
  const names = rows.flatMap(([name = '', settings = '']) => [...codeSpans(name), ...codeSpans(settings)]);
  const kinds = ['adam', 'adamw', 'sgd', 'rmsprop'];
  const wanted = [...kinds, ...Object.keys(optimizerParams).filter(name => name !== 'optimizer')];
  expect([...new Set(names)].sort()).toEqual(wanted.sort());
});

test('the functions that it names are exported', () => {
  const called = [...page.matchAll(/`([a-z]\w+)(?:\(|`)/g)].map(([, name = '']) => name);
  const exported = [...Object.keys(pipe), ...Object.keys(pipe.losses), ...Object.keys(pipe.schedules)];
  const functions = called.filter(
    name => /[A-Z]/.test(name) || ['adam', 'adamw', 'sgd', 'rmsprop'].includes(name),
  );
  const fields = [
    ...Object.keys(optimizerParams),
    'learningRate',
    'batchSize',
    'logEvery',
    'warmUp',
    'endFactor',
  ];
  expect(functions.filter(name => !exported.includes(name) && !fields.includes(name))).toEqual([]);
  expect(functions.length).toBeGreaterThan(10);
});
