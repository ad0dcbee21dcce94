/** Scores of experiments: those of one protocol share a row, and the better one is marked where it is more than noise. */
import { describe, expect, it } from 'vitest';
import { compareExperiments } from '../../src/compare/compare.ts';
import { legendOf } from '../../src/compare/legend.ts';
import { renderCsv } from '../../src/compare/render-csv.ts';
import { renderJson } from '../../src/compare/render-json.ts';
import { renderMarkdown } from '../../src/compare/render-markdown.ts';
import { renderTerminal } from '../../src/compare/render-terminal.ts';
import type { ComparedExperiment } from '../../src/compare/table.ts';
import type { Interval } from '../../src/core/interval.ts';
import { experiment, metric } from './experiments.ts';

const CIFAR = 'pipe-cifar10@1a2b3c4d/10000x10000/uint8';
const FEWER = 'pipe-cifar10@1a2b3c4d/2000x10000/uint8/seen-in-training';
const INCEPTION = 'inception-2015@9f8e7d6c/10000x10000/uint8';

/** A score that was measured once; the smaller the better. */
const score = (last: number, protocol: string | undefined, interval?: Interval, stage = 'evaluate') => {
  const bounds = interval && { interval, minInterval: interval, maxInterval: interval };
  const once = { count: 1, step: 1, minStep: 1, maxStep: 1 };
  return metric(last, { stage, direction: 'min', ...once, ...(protocol && { protocol }), ...bounds });
};

const compared = (...metrics: readonly ComparedExperiment['record']['metrics'][]) =>
  compareExperiments(
    metrics.map((each, index) => experiment(index + 1, { metrics: each })),
    { all: false },
  );

/** Labels and texts of the metrics' rows; the best with a star. */
const rowsOf = (...metrics: readonly ComparedExperiment['record']['metrics'][]) => {
  const table = compared(...metrics);
  const { labelOf } = legendOf(table);
  const { rows = [] } = table.sections.find(({ title }) => title === 'Metrics') ?? {};
  return rows.map(row => [labelOf(row), ...row.cells.map(({ text, best }) => (best ? `${text} *` : text))]);
};

const notesOf = (...metrics: readonly ComparedExperiment['record']['metrics'][]) =>
  compared(...metrics).notes.filter(note => note.includes('measured differently'));

describe('scores of one protocol', () => {
  it('share a row, whose best is marked where its interval is apart from all others', () => {
    const scores = { fid: score(30.2, CIFAR), kid: score(0.0405, CIFAR, [0.0399, 0.0411]) };
    expect(rowsOf(scores, { fid: score(28.1, CIFAR), kid: score(0.0301, CIFAR, [0.0291, 0.0311]) })).toEqual([
      ['fid (a)', '30.20', '28.10 *'],
      ['kid (a)', '0.0405 ± 0.0006', '0.0301 ± 0.0010 *'],
    ]);
  });

  it.each<[string, readonly (readonly [number, Interval?])[], readonly number[]]>([
    [
      'overlap',
      [
        [0.04, [0.038, 0.042]],
        [0.043, [0.0415, 0.0445]],
      ],
      [],
    ],
    [
      'touch',
      [
        [0.04, [0.038, 0.042]],
        [0.043, [0.042, 0.044]],
      ],
      [],
    ],
    [
      'are apart, but not from a third',
      [
        [0.04, [0.038, 0.042]],
        [0.05, [0.049, 0.051]],
        [0.06, [0.041, 0.08]],
      ],
      [],
    ],
    [
      'are apart, while those of others overlap',
      [
        [0.04, [0.038, 0.042]],
        [0.05, [0.045, 0.055]],
        [0.06, [0.05, 0.07]],
      ],
      [0],
    ],
    ['hold another that has none', [[0.04, [0.038, 0.042]], [0.041]], []],
    ['are apart from another that has none', [[0.04, [0.038, 0.042]], [0.05]], [0]],
  ])('have no best where intervals %s', (_, values, best) => {
    const metrics = values.map(([value, interval]) => ({ kid: score(value, CIFAR, interval) }));
    const [row = []] = rowsOf(...metrics);
    expect(row.slice(1).flatMap((text, index) => (text.endsWith('*') ? [index] : []))).toEqual(best);
  });

  it('of a series are compared by the best value and its interval', () => {
    const series = (last: number, min: number, minInterval: Interval) =>
      metric(last, {
        ...{ direction: 'min', protocol: CIFAR, min, minInterval, minStep: 4000, step: 5000 },
        interval: [last - 0.001, last + 0.001],
      });
    const two = { kid: series(0.05, 0.04, [0.039, 0.041]) };
    expect(rowsOf({ kid: series(0.06, 0.03, [0.029, 0.031]) }, two)).toEqual([
      ['kid (a)', '0.0600 ± 0.0010, best 0.03000 at 4000 *', '0.0500 ± 0.0010, best 0.04000 at 4000'],
    ]);
    expect(rowsOf({ kid: series(0.06, 0.039, [0.038, 0.04]) }, two)[0]?.[1]).not.toContain('*');
  });

  it('share it whichever stage measured, and whatever the record calls them', () => {
    expect(
      rowsOf(
        { kid: score(0.05, FEWER, undefined, 'train'), 'evaluate.kid': score(0.04, CIFAR) },
        { kid: score(0.03, CIFAR) },
      ),
    ).toEqual([
      ['kid (a)', '0.05000', '–'],
      ['evaluate.kid (b)', '0.04000', '0.03000 *'],
    ]);
  });

  it('are in a row per stage where two stages of an experiment measured', () => {
    expect(
      rowsOf(
        { kid: score(0.05, CIFAR, undefined, 'early'), 'late.kid': score(0.04, CIFAR, undefined, 'late') },
        { kid: score(0.03, CIFAR, undefined, 'late') },
      ),
    ).toEqual([
      ['kid (a)', '0.05000', '–'],
      ['late.kid (a)', '0.04000', '0.03000 *'],
    ]);
  });
});

describe('scores of different protocols', () => {
  it('never share a row, and those of one name are beside each other', () => {
    expect(
      rowsOf(
        { kid: score(0.05, CIFAR), fid: score(30, CIFAR) },
        { kid: score(0.04, INCEPTION), fid: score(20, INCEPTION) },
        { kid: score(0.03, undefined) },
      ),
    ).toEqual([
      ['kid (a)', '0.05000', '–', '–'],
      ['kid (b)', '–', '0.04000', '–'],
      ['kid', '–', '–', '0.03000'],
      ['fid (a)', '30', '–', '–'],
      ['fid (b)', '–', '20', '–'],
    ]);
  });

  it('of two stages of one pipeline are both there', () => {
    const both = (kid: number) => ({
      kid: score(kid, CIFAR),
      'inception.kid': score(10 * kid, INCEPTION, undefined, 'inception'),
    });
    expect(rowsOf(both(0.05), both(0.04))).toEqual([
      ['kid (a)', '0.05000', '0.04000 *'],
      ['inception.kid (b)', '0.5000', '0.4000 *'],
    ]);
    expect(notesOf(both(0.05), both(0.04))).toEqual([]);
  });

  it('are told with the parts that differ, once for all metrics', () => {
    const all = (protocol: string) =>
      Object.fromEntries(
        ['kid', 'fid', 'precision', 'recall', 'density'].map(name => [name, score(1, protocol)]),
      );
    expect(notesOf(all(CIFAR), all(FEWER), all(CIFAR))).toEqual([
      'kid, fid, precision and 2 more of exp-1, exp-2 and exp-3 were measured differently: 10000x10000 in exp-1 and exp-3; 2000x10000/seen-in-training in exp-2. Rerun evaluate with the same settings to compare.',
    ]);
    expect(notesOf({ kid: score(1, CIFAR) }, { kid: score(1, `${CIFAR}/seen-in-training`) })).toEqual([
      'kid of exp-1 and exp-2 was measured differently: seen-in-training in exp-2. Rerun evaluate with the same settings to compare.',
    ]);
    expect(notesOf({ kid: score(1, CIFAR) }, { kid: score(1, undefined) })).toEqual([
      `kid of exp-1 and exp-2 was measured differently: ${CIFAR} in exp-1; no protocol in exp-2. Rerun evaluate with the same settings to compare.`,
    ]);
    expect(notesOf({ kid: score(1, 'a/b') }, { kid: score(1, 'b/a') })).toEqual([
      'kid of exp-1 and exp-2 was measured differently: a/b in exp-1; b/a in exp-2. Rerun evaluate with the same settings to compare.',
    ]);
  });

  it('are told where another stage measured alike, with the stage to run again', () => {
    const two = (near: string) => ({
      kid: score(1, near, undefined, 'near'),
      'far.kid': score(1, INCEPTION, undefined, 'far'),
    });
    expect(notesOf(two(CIFAR), two(FEWER), { kid: score(1, INCEPTION, undefined, 'far') })).toEqual([
      'kid of exp-1 and exp-2 was measured differently: 10000x10000 in exp-1; 2000x10000/seen-in-training in exp-2. Rerun near with the same settings to compare.',
    ]);
  });

  it('are not told of where one protocol is common to all, or a metric has none', () => {
    const both = { kid: score(1, CIFAR), 'inception.kid': score(1, INCEPTION, undefined, 'inception') };
    expect(notesOf(both, { kid: score(1, INCEPTION) })).toEqual([]);
    expect(notesOf({ kid: score(1, undefined) }, { kid: score(1, undefined) }, {})).toEqual([]);
    expect(notesOf({ kid: score(1, CIFAR) }, {})).toEqual([]);
  });
});

/** Two experiments with a score of their own protocols, and one of the same. */
const table = () => {
  const { sections, ...rest } = compared(
    { kid: score(0.0405, CIFAR, [0.0399, 0.0411]), precision: score(0.71, FEWER, [0.7, 0.74]) },
    { kid: score(0.0301, CIFAR, [0.0295, 0.0307]), precision: score(0.7, CIFAR) },
  );
  return { ...rest, sections: sections.filter(({ title }) => title === 'Metrics') };
};

describe('a comparison of scores', () => {
  it('has each protocol once, below the table, within 80 columns', () => {
    const text = renderTerminal(table(), { columns: 80, color: false });
    expect(text).toBe(`\
               exp-1                exp-2

Metrics
kid (a)        0.0405 ± 0.0006      0.0301 ± 0.0006 *
precision (b)  0.710 (0.700–0.740)  –
precision (a)  –                    0.7000

* best of its row
± or (low–high): 95 % interval; no mark where that of the best overlaps another
(a) measured as pipe-cifar10@1a2b3c4d/10000x10000/uint8
(b) measured as pipe-cifar10@1a2b3c4d/2000x10000/uint8/seen-in-training
`);
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80);
  });

  it('is the same as Markdown', () => {
    expect(renderMarkdown({ ...table(), notes: ['A note.'] })).toBe(`\
# Comparison: exp-1, exp-2

## Metrics

|  | exp-1 | exp-2 |
| --- | --- | --- |
| kid (a) | 0.0405 ± 0.0006 | **0.0301 ± 0.0006** |
| precision (b) | 0.710 (0.700–0.740) | – |
| precision (a) | – | 0.7000 |

- ± or (low–high): 95 % interval; no mark where that of the best overlaps another
- (a) measured as pipe-cifar10@1a2b3c4d/10000x10000/uint8
- (b) measured as pipe-cifar10@1a2b3c4d/2000x10000/uint8/seen-in-training
- A note.
`);
  });

  it('has bounds and protocols as CSV', () => {
    const lines = renderCsv(table()).split('\r\n');
    expect(lines.slice(0, 4)).toEqual([
      'section,name,unit,protocol,exp-1,exp-2',
      `Metrics,kid,,${CIFAR},0.0405,0.0301`,
      `Metrics,kid low,,${CIFAR},0.0399,0.0295`,
      `Metrics,kid high,,${CIFAR},0.0411,0.0307`,
    ]);
    expect(lines).toContain(`Metrics,precision high,,${FEWER},0.74,`);
    expect(lines).toContain(`Metrics,precision best,,${CIFAR},,0.7`);
  });

  it('has bounds and protocols as JSON', () => {
    const { sections } = JSON.parse(renderJson(table())) as { sections: { rows: object[] }[] };
    expect(sections[0]?.rows[0]).toEqual({
      name: 'kid',
      unit: null,
      direction: 'min',
      protocol: CIFAR,
      values: { 'exp-1': 0.0405, 'exp-2': 0.0301 },
      intervals: { 'exp-1': [0.0399, 0.0411], 'exp-2': [0.0295, 0.0307] },
      bestValues: {
        'exp-1': { value: 0.0405, step: 1, interval: [0.0399, 0.0411] },
        'exp-2': { value: 0.0301, step: 1, interval: [0.0295, 0.0307] },
      },
      best: ['exp-2'],
    });
  });

  it('has as many marks as protocols', () => {
    const many = Object.fromEntries(
      Array.from({ length: 28 }, (_, index) => [`m${index}`, score(index, `p/${index}`)]),
    );
    expect(rowsOf(many).map(([label]) => label)).toEqual(
      expect.arrayContaining(['m0 (a)', 'm25 (z)', 'm26 (aa)', 'm27 (ab)']),
    );
  });

  it('shows no control characters of a protocol of another program', () => {
    const text = renderTerminal(compared({ kid: score(1, 'a\u001b[2J') }), { columns: 80, color: false });
    expect(text).toContain('(a) measured as a\\u001b[2J\n');
  });
});
