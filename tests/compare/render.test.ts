import { describe, expect, it } from 'vitest';
import { compareExperiments } from '../../src/compare/compare.ts';
import { renderCsv } from '../../src/compare/render-csv.ts';
import { renderJson } from '../../src/compare/render-json.ts';
import { renderMarkdown } from '../../src/compare/render-markdown.ts';
import { renderTerminal } from '../../src/compare/render-terminal.ts';
import type { ComparisonTable } from '../../src/compare/table.ts';
import { experiment, metric } from './experiments.ts';

/** Two experiments that differ in one parameter and one metric. */
const pair = (): ComparisonTable => {
  const { sections, ...table } = compareExperiments(
    [1, 2].map(number =>
      experiment(number, {
        parameters: { 'train.learningRate': number / 10_000 },
        metrics: { images_per_second: metric(number * 100.5, { direction: 'max', unit: 'images/s' }) },
      }),
    ),
    { all: false },
  );
  // Times of day are shown in the local time zone.
  return { ...table, sections: sections.filter(({ title }) => title !== 'Experiment'), notes: ['A note.'] };
};

describe('a comparison on a terminal', () => {
  it('is a table without lines, the best marked by a star', () => {
    expect(renderTerminal(pair(), { columns: 80, color: false })).toBe(`\
                              exp-1                   exp-2

Parameters that differ
train.learningRate            0.0001                  0.0002

Metrics
images_per_second [images/s]  100.5, best 100.5 at 7  201, best 201 at 7 *

* best of its row
`);
  });

  it('shortens a long name in its middle, as its end tells it from its neighbours', () => {
    const layers = 'build-model.model.discriminator.layers';
    const table = compareExperiments(
      [1, 2].map(number =>
        experiment(number, {
          parameters: { [`${layers}.3.filters`]: number, [`${layers}.3.kernelSize`]: number },
        }),
      ),
      { all: false },
    );
    const text = renderTerminal(table, { columns: 80, color: false });
    expect(text).toContain('\nbuild-model.m…riminator.layers.3.filters ');
    expect(text).toContain('\nbuild-model.m…inator.layers.3.kernelSize ');
  });

  it('puts experiments that do not fit beside each other below', () => {
    const many = compareExperiments(
      Array.from({ length: 30 }, (_, index) =>
        experiment(index + 1, { parameters: { 'train.learningRate': 'x'.repeat(100) + index } }),
      ),
      { all: false },
    );
    const text = renderTerminal(many, { columns: 80, color: false });
    const widths = text.split('\n').map(line => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    for (const id of many.heads) expect(text).toMatch(new RegExp(`\\b${id}\\b`));
    const narrow = renderTerminal(many, { columns: 10, color: false });
    for (const id of many.heads) expect(narrow).toMatch(new RegExp(`\\b${id}\\b`));
  });

  it('has colours only when asked, and no control characters from files', () => {
    const table = compareExperiments(
      [experiment(1, { parameters: { 'a\u001b[2J': '\u001b]0;title\u0007' } }), experiment(2)],
      { all: false },
    );
    const plain = renderTerminal(table, { columns: 80, color: false });
    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(plain).toContain('a\\u001b[2J');
    expect(renderTerminal(table, { columns: 80, color: true })).toContain('\u001b[1mexp-1');
  });
});

describe('a comparison as Markdown', () => {
  it('has a table per section, the best in bold, and the notes', () => {
    expect(renderMarkdown(pair())).toBe(`\
# Comparison: exp-1, exp-2

## Parameters that differ

|  | exp-1 | exp-2 |
| --- | --- | --- |
| train.learningRate | 0.0001 | 0.0002 |

## Metrics

|  | exp-1 | exp-2 |
| --- | --- | --- |
| images_per_second [images/s] | 100.5, best 100.5 at 7 | **201, best 201 at 7** |

- A note.
`);
  });

  it('keeps every value in its cell', () => {
    const parameters = { note: 'a | b\n<script>`x`' };
    const table = compareExperiments([experiment(1, { parameters }), experiment(2)], { all: false });
    expect(renderMarkdown(table)).toContain('| note | a \\| b\\\\u000a\\<script\\>\\`x\\` | – |');
  });
});

describe('a comparison as CSV', () => {
  it('has one record per row, values in full', () => {
    expect(renderCsv(pair())).toBe(
      [
        'section,name,unit,exp-1,exp-2',
        'Parameters that differ,train.learningRate,,0.0001,0.0002',
        'Metrics,images_per_second,images/s,100.5,201',
        'Metrics,images_per_second best,images/s,100.5,201',
        'Metrics,images_per_second best step,,7,7',
        '',
      ].join('\r\n'),
    );
  });

  it('quotes what RFC 4180 wants quoted', () => {
    const parameters = { a: 'one, two', b: 'say "hi"', c: 'two\nlines', d: [1, 2], e: NaN };
    const table = compareExperiments([experiment(1, { parameters }), experiment(2)], { all: false });
    const csv = renderCsv(table);
    expect(csv).toContain('Parameters that differ,a,,"one, two",\r\n');
    expect(csv).toContain('Parameters that differ,b,,"say ""hi""",\r\n');
    expect(csv).toContain('Parameters that differ,c,,"two\nlines",\r\n');
    expect(csv).toContain('Parameters that differ,d,,"[1,2]",\r\n');
    expect(csv).toContain('Parameters that differ,e,,NaN,\r\n');
  });
});

describe('a comparison as JSON', () => {
  it('has values by experiment, and which is best', () => {
    const { sections, notes, experiments } = JSON.parse(renderJson(pair())) as {
      experiments: string[];
      sections: { title: string; rows: object[] }[];
      notes: string[];
    };
    expect(experiments).toEqual(['exp-1', 'exp-2']);
    expect(notes).toEqual(['A note.']);
    expect(sections[0]?.rows).toEqual([
      {
        name: 'train.learningRate',
        unit: null,
        direction: 'none',
        values: { 'exp-1': 0.0001, 'exp-2': 0.0002 },
        best: [],
      },
    ]);
    expect(sections[1]?.rows[0]).toMatchObject({
      name: 'images_per_second',
      direction: 'max',
      values: { 'exp-1': 100.5, 'exp-2': 201 },
      bestValues: { 'exp-1': { value: 100.5, step: 7 }, 'exp-2': { value: 201, step: 7 } },
      best: ['exp-2'],
    });
  });

  it('leaves out what is missing, and writes NaN as text', () => {
    const table = compareExperiments([experiment(1, { metrics: { m: metric(NaN) } }), experiment(2)], {
      all: false,
    });
    expect(renderJson(table)).toContain('"values": {\n            "exp-1": "NaN"\n          }');
  });
});
