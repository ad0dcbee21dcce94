import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { MetricSummary } from '../../src/core/experiment.ts';
import { drawMetrics, isPicture } from '../../src/plots/draw.ts';
import { corners, pictureOf, run } from './rig.ts';

const falling = (count: number) => Array.from({ length: count }, (_, at) => 10 ** (-at / 250));
const noisy = (count: number) => Array.from({ length: count }, (_, at) => 1 + (at % 2) / 2);

describe('a picture of one experiment', () => {
  test('names it, its pipeline and how it ended, and says what it shows to those who do not see it', async () => {
    const picture = await pictureOf(run({ loss: [2, 1] }, { number: 3, status: 'interrupted' }));
    expect(picture.texts[0]).toBe('exp-3 cgan interrupted');
    expect(picture.root.getAttribute('role')).toBe('img');
    const [title, description] = ['title', 'desc'].map(name => picture.all(name)[0]?.textContent);
    expect(title).toBe('Metrics of exp-3');
    expect(description).toBe('loss: loss 1 at the end of 2 iterations, from 1 to 2.');
  });

  test('puts the same quantity of several networks, and of several parts of the data, into one panel', async () => {
    const metrics = ['d_loss_real', 'd_loss_fake', 'd_loss', 'd_accuracy', 'g_loss'];
    const gan = await pictureOf(run(Object.fromEntries(metrics.map(name => [name, [1, 2]]))));
    expect(gan.all('tspan', 'name').map(each => each.textContent)).toEqual([
      'loss',
      'd_accuracy',
      'loss real/fake',
    ]);
    const names = ['loss', 'accuracy', 'val_loss', 'val_accuracy', 'test_loss'];
    const classifier = await pictureOf(run(Object.fromEntries(names.map(name => [name, [1, 2]]))));
    expect(classifier.all('tspan', 'name').map(each => each.textContent)).toEqual(['loss', 'accuracy']);
    const [loss, val, , accuracy, valAccuracy] = classifier.lines.map(each => each.getAttribute('class'));
    expect([loss, val]).toEqual([accuracy, valAccuracy]);
    expect(loss).not.toBe(val);
  });

  test('keeps other units and other stages apart, and shows speeds last', async () => {
    const values = {
      images_per_second: [9, 8],
      time: [1, 2],
      val_time: [1, 2],
      loss: [1, 2],
      'fit.loss': [1, 2],
    };
    const changes = {
      images_per_second: { measuresTime: true, unit: 'images/s' },
      val_time: { unit: 's' },
      'fit.loss': { stage: 'fit' },
    };
    const picture = await pictureOf(run(values, { changes }));
    expect(picture.all('tspan', 'name').map(each => each.textContent)).toEqual([
      'time',
      'val_time',
      'loss',
      'fit.loss',
      'images_per_second',
    ]);
    expect(picture.texts).toContain('images/s');
  });

  test('shows the last value, and the best one of a metric that has a direction', async () => {
    const changes = { accuracy: { direction: 'max' } } as const;
    const picture = await pictureOf(run({ accuracy: [0.25, 0.75, 0.5], g_loss: [3, 1, 2] }, { changes }));
    expect(picture.texts).toEqual(expect.arrayContaining(['0.5000', '0.7500 at 2', '2']));
    expect(picture.texts.filter(text => text === 'best')).toHaveLength(1);
  });

  test('has a dot for a metric of one point beside curves, and a number without any', async () => {
    const values = {
      loss: [3, 2, 1],
      test_loss: [undefined, undefined, 1.5],
      kid: [undefined, undefined, 0.04],
    };
    const picture = await pictureOf(run(values));
    const dots = picture.all('circle', 'dot', 'c1').filter(each => each.getAttribute('r') === '3.5');
    expect(dots.map(each => each.getAttribute('cx'))).toEqual(['7', '312']);
    expect(picture.texts).toEqual(expect.arrayContaining(['train', 'kid', '0.04000']));
    expect(picture.lines).toHaveLength(1);
  });

  test('is nothing where nothing was measured', async () => {
    expect(await drawMetrics([run({})])).toBeUndefined();
  });

  test('leaves out the speed of a stage that was reused', async () => {
    const changes = { speed: { measuresTime: true } };
    const other = run({ speed: [1, 2] }, { changes });
    const stages = other.record.stages.map(stage => ({ ...stage, status: 'reused' as const }));
    expect(await drawMetrics([{ ...other, record: { ...other.record, stages } }])).toBeUndefined();
  });
});

describe('curves', () => {
  test('of few points go through each of them', async () => {
    const picture = await pictureOf(run({ loss: [4, 0, 2] }));
    const [line] = picture.lines;
    expect(line && corners(line)).toEqual([
      [0, 0],
      [353, 260],
      [706, 130],
    ]);
    expect(picture.all('circle', 'dot')).toHaveLength(3);
  });

  test('of many points are averages over a band of all values', async () => {
    const picture = await pictureOf(run({ loss: noisy(600) }));
    const [line] = picture.lines;
    const middle = line && corners(line).slice(10, -10);
    for (const [, y] of middle ?? []) expect(Math.abs(y - 130)).toBeLessThan(20);
    const [band] = picture.all('path', 'band');
    const heights = band && corners(band).map(([, y]) => y);
    expect([Math.min(...(heights ?? [])), Math.max(...(heights ?? []))]).toEqual([0, 260]);
    expect(picture.texts.at(-1)).toContain('moving average');
  });

  test('break where values are not finite, which crosses tell', async () => {
    const picture = await pictureOf(run({ loss: [1, 2, NaN, 3, Infinity, 5], g_loss: [1, 2, 3, 4, 5, 6] }));
    const [loss] = picture.lines;
    expect(loss?.getAttribute('d')?.match(/M/g)).toHaveLength(3);
    expect(picture.all('path', 'broken')).toHaveLength(1);
    expect(picture.texts.at(-1)).toBe('×: NaN or infinite.');
  });

  test('of nothing but NaN leave an empty plot', async () => {
    const picture = await pictureOf(run({ loss: [NaN, NaN] }));
    expect(picture.lines.map(each => each.getAttribute('d'))).toEqual(['']);
    expect(picture.texts).toContain('NaN');
  });

  test('get a logarithmic axis where they fall by orders of magnitude, unless more is better', async () => {
    const values = { loss: falling(1000), accuracy: falling(1000) };
    const picture = await pictureOf(run(values, { changes: { accuracy: { direction: 'max' } } }));
    expect(picture.texts).toEqual(expect.arrayContaining(['0.0001', '0.001', '0.01', '0.1', '1']));
    expect(picture.texts).toEqual(expect.arrayContaining(['0.0', '0.2', '1.0']));
  });

  test('have room although one value is an outlier', async () => {
    const values = noisy(300).map((value, at) => (at === 150 ? 1000 : value));
    const picture = await pictureOf(run({ loss: values }));
    const [line] = picture.lines;
    const ends = line && [...corners(line).slice(0, 100), ...corners(line).slice(-100)].map(([, y]) => y);
    expect(Math.max(...(ends ?? [])) - Math.min(...(ends ?? []))).toBeLessThan(60);
    expect(picture.texts).not.toContain('1,000');
  });

  test('count epochs where their stage does', async () => {
    expect((await pictureOf(run({ loss: [1, 2] }, { unit: 'epochs' }))).texts).toContain('epochs');
    expect((await pictureOf(run({ loss: [1, 2] }, { unit: 'images' }))).texts).toContain('steps');
  });
});

describe('a picture of several experiments', () => {
  test('has a panel for each metric and a color for each experiment, over all their steps', async () => {
    const long = run({ d_loss: falling(40), g_loss: falling(40) }, { number: 1 });
    const short = run({ d_loss: falling(20) }, { number: 2, pipeline: 'dcgan' });
    const picture = await pictureOf(long, short);
    expect(picture.texts.slice(0, 2)).toEqual(['exp-1 cgan', 'exp-2 dcgan']);
    expect(picture.all('tspan', 'name').map(each => each.textContent)).toEqual([
      'exp-1',
      'exp-2',
      'd_loss',
      'g_loss',
    ]);
    expect(picture.lines.map(each => each.getAttribute('class'))).toEqual(['line c0', 'line c1', 'line c0']);
    const ends = picture.lines.map(each => corners(each).at(-1)?.[0]);
    expect(ends).toEqual([312, 156, 312]);
  });

  test('has numbers of metrics of one point', async () => {
    const picture = await pictureOf(run({ kid: [0.5] }), run({ kid: [0.25] }, { number: 2 }));
    expect(picture.texts).toEqual(['exp-1 cgan', 'exp-2 cgan', 'kid', 'exp-1', '0.5000', 'exp-2', '0.2500']);
  });
});

describe('scores', () => {
  const score = (protocol: string): Partial<MetricSummary> => ({ protocol, interval: [0.039, 0.042] });

  test('have their intervals as numbers, as bands around curves, and as bars', async () => {
    const points = [0.05, 0.0405].map((kid, at) => ({
      stage: 'train',
      step: at + 1,
      values: { kid, ...(at === 1 && { test_kid: kid }) },
      intervals: { kid: [kid - 0.001, kid + 0.001], test_kid: [kid - 0.002, kid + 0.002] } as const,
    }));
    const values = { kid: [0.05, 0.0405], test_kid: [undefined, 0.0405] };
    const changes = { kid: { interval: [0.0395, 0.0415] }, test_kid: {} } as const;
    const picture = await pictureOf(run(values, { changes, points }));
    expect(picture.texts).toContain('0.0405 ± 0.0010');
    const [band] = picture.all('path', 'band');
    expect(band && corners(band)).toHaveLength(4);
    expect(picture.all('path', 'whisker', 'c1')).toHaveLength(1);
    expect(picture.texts.at(-1)).toBe('Pale around points, or a bar: 95 % interval.');
  });

  test('of two protocols are never in one panel, and a note says how they were measured', async () => {
    const one = await pictureOf(
      run({ kid: [1, 2], val_kid: [1, 2] }, { changes: { kid: score('a/10k'), val_kid: score('b/1k') } }),
    );
    expect(one.all('tspan', 'name').map(each => each.textContent)).toEqual(['kid', 'val_kid']);
    expect(one.texts.slice(-2)).toEqual(['(a) measured as a/10k', '(b) measured as b/1k']);
    const scored = (protocol: string, number: number) =>
      run({ kid: [1, 2] }, { number, changes: { kid: score(protocol) } });
    const two = await pictureOf(scored('a/10k', 1), scored('a/10k', 2), scored('b/1k', 3));
    expect(two.texts.filter(text => text.startsWith('kid'))).toEqual(['kid (a)', 'kid (b)']);
    expect(two.lines).toHaveLength(3);
  });
});

describe('names that are no names', () => {
  const hostile = [
    '</text><script>alert(1)</script>',
    '" onload="alert(1)',
    ']]>&lt;&amp;<!--',
    'a\u0000\u0007\u001b[31mb\uffff\ud800',
    '\u202egnp.exe',
    '__proto__',
    'toString',
    '',
    'x'.repeat(10_000),
    '損失🙂'.repeat(50),
  ];

  test('are text of the picture, which has no script, no reference and no endless line', async () => {
    const metrics = Object.fromEntries(hostile.map(name => [name, [1, 2]]));
    const values = Object.defineProperty(metrics, '__proto__', { value: [1, 2], enumerable: true });
    const unit = hostile.join('');
    const changes = { toString: { unit }, '': { description: unit } };
    const picture = await pictureOf(run(values, { pipeline: hostile.join(' '), changes }));
    const names = new Set([...picture.root.getElementsByTagName('*')].map(each => each.nodeName));
    expect(names).not.toContain('script');
    for (const each of picture.root.getElementsByTagName('*'))
      for (const { name } of [...each.attributes]) expect(name).not.toMatch(/^on|href/);
    for (const text of picture.texts) expect(text.length).toBeLessThan(150);
    expect(picture.lines).toHaveLength(hostile.length);
    const image = await sharp(Buffer.from((await drawMetrics([run(values)])) ?? '')).metadata();
    expect(image.width).toBe(800);
  });
});

describe('numbers at the edge', () => {
  test.each([
    ['huge', [1e308, -1e308, 1.7e308]],
    ['tiny', [5e-324, 1e-300, 1]],
    ['equal', [0, 0, 0]],
    ['negative', [-1e-9, -2e-9, -1.5e-9]],
    ['large', [123_456_789, 123_456_790]],
  ])('%s ones are drawn within the plot', async (_name, values) => {
    const picture = await pictureOf(run({ loss: values }));
    const [line] = picture.lines;
    for (const [x, y] of line ? corners(line) : []) {
      expect(x).toSatisfy((at: number) => at >= 0 && at <= 706);
      expect(y).toSatisfy((at: number) => at >= 0 && at <= 260);
    }
    const labels = picture.all('text', 'small').map(each => each.textContent ?? '');
    expect(labels.join()).not.toMatch(/NaN|Infinity|undefined/);
    expect(Math.max(...labels.map(label => label.length))).toBeLessThan(16);
  });

  test('the largest steps are', async () => {
    const points = [0, Number.MAX_SAFE_INTEGER].map(step => ({ stage: 'train', step, values: { loss: 1 } }));
    const picture = await pictureOf(run({ loss: [1, 1] }, { points }));
    expect(picture.lines[0] && corners(picture.lines[0]).map(([x]) => x)).toEqual([0, 706]);
  });
});

test('a picture is known by its beginning', async () => {
  expect(isPicture((await drawMetrics([run({ loss: [1, 2] })])) ?? '')).toBe(true);
  expect(isPicture('<svg xmlns=')).toBe(false);
});

test('the same points give the same bytes, and no others do', async () => {
  const draw = (loss: readonly number[]) => drawMetrics([run({ loss, g_loss: noisy(500) })]);
  expect(await draw(falling(500))).toBe(await draw(falling(500)));
  expect(await draw(falling(500))).not.toBe(await draw(noisy(500)));
});

test('any number of points takes the memory of a few', async () => {
  let made = 0;
  function* points() {
    for (; made < 300_000; made++)
      yield { stage: 'train', step: made, values: { loss: Math.sin(made / 1e4) } };
  }
  const text = await drawMetrics([run({ loss: [1, 0] }, { points: points() })]);
  expect(made).toBe(300_000);
  expect(text?.length).toBeLessThan(40_000);
});

test('of very many metrics, some are drawn', async () => {
  const values = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`layer${at}_norm`, [1, 2]]));
  const picture = await pictureOf(run(values));
  expect(picture.lines).toHaveLength(64);
  expect(picture.texts.at(-1)).toBe('36 more metrics are not drawn.');
});

test('drawing stops when it is told to', async () => {
  const stop = new AbortController();
  function* endless() {
    for (let step = 0; ; step++) {
      if (step === 50_000) stop.abort(new Error('stopped'));
      yield { stage: 'train', step, values: { loss: 1 } };
    }
  }
  await expect(drawMetrics([run({ loss: [1, 1] }, { points: endless() })], stop.signal)).rejects.toThrow(
    'stopped',
  );
});
