import { describe, expect, it } from 'vitest';
import { cellOf, choiceIndex, fromUnit, levelAt, levelCount, toUnit } from '../../src/search/scale.ts';
import { isActive, makePoint, pointKey } from '../../src/search/space.ts';
import { choice, range } from './spaces.ts';

const units = Array.from({ length: 101 }, (_, index) => index / 100);

describe('values of a range', () => {
  it('are uniform, with as many digits as its width asks for', () => {
    const linear = range('beta', 0.9, 0.999);
    expect(units.slice(0, 3).map(unit => fromUnit(linear, unit))).toEqual([0.9, 0.90099, 0.90198]);
    expect(fromUnit(linear, 1)).toBe(0.999);
    expect(fromUnit(range('x', 0, 1), 1 / 3)).toBe(0.333333);
    expect(fromUnit(range('x', -1e9, 2e9), 1 / 3)).toBe(0);
    expect(fromUnit(range('x', 0, 3e12), 1 / Math.PI)).toBe(954929658551);
  });

  it('are uniform in their logarithm where it says so', () => {
    const log = range('rate', 1e-5, 1e-2, { log: true });
    expect([0, 1 / 3, 0.5, 2 / 3, 1].map(unit => fromUnit(log, unit))).toEqual([
      1e-5, 0.0001, 0.0003162278, 0.001, 1e-2,
    ]);
  });

  it('have cells of equal width when they are integers or have a step, the ends included', () => {
    const integer = range('n', 1, 4, { integer: true });
    expect([0, 0.24, 0.26, 0.49, 0.51, 0.99, 1].map(unit => fromUnit(integer, unit))).toEqual([
      1, 1, 2, 2, 3, 4, 4,
    ]);
    const stepped = range('x', 0.1, 0.75, { step: 0.1 });
    expect(levelCount(stepped)).toBe(7);
    expect(Array.from({ length: 7 }, (_, level) => levelAt(stepped, level))).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
    ]);
    expect(fromUnit(stepped, 1)).toBe(0.7);
    expect(levelCount(range('x', 0.6, 0.9, { step: 0.1 }))).toBe(4);
  });

  it('have cells that fill the unit interval, logarithmic ones too', () => {
    for (const log of [false, true]) {
      const integer = range('n', 1, 7, { integer: true, log });
      const cells = Array.from({ length: 7 }, (_, level) => cellOf(integer, level + 1));
      expect(cells[0]?.[0]).toBe(0);
      expect(cells[6]?.[1]).toBe(1);
      for (let level = 1; level < 7; level++) {
        expect(cells[level]?.[0]).toBeCloseTo(cells[level - 1]?.[1] ?? NaN, 12);
      }
      for (const [level, [from = NaN, to = NaN] = []] of cells.entries()) {
        expect([0.01, 0.5, 0.99].map(part => fromUnit(integer, from + part * (to - from)))).toEqual(
          Array(3).fill(level + 1),
        );
      }
    }
    expect(cellOf(range('x', 0, 1), 0.5)).toBeUndefined();
    // A step of more than twice the lowest value.
    expect(cellOf(range('n', 1, 101, { log: true, step: 50 }), 1)?.[0]).toBe(0);
  });

  it('have no negative zero, which JSON does not keep', () => {
    expect(fromUnit(range('x', -1, 1), 0.5 - 1e-9)).toBe(0);
    expect(fromUnit(range('x', -0.3, 0.3, { step: 0.1 }), 0.5)).toBe(0);
    expect(levelAt(range('x', -0, 3, { integer: true }), 0)).toBe(0);
  });

  it('are found again on the unit interval', () => {
    for (const one of [range('x', -3, 5), range('x', 1e-5, 10, { log: true })]) {
      for (const unit of units) expect(toUnit(one, fromUnit(one, unit) as number)).toBeCloseTo(unit, 5);
    }
    expect(toUnit(range('x', 2, 2), 2)).toBe(0.5);
    expect(fromUnit(range('x', 2, 2), 0.7)).toBe(2);
  });
});

describe('a choice', () => {
  it('has parts of equal width, and knows its values by their JSON text', () => {
    const one = choice('x', ['a', { b: [1] }, null]);
    expect([0, 0.34, 0.67, 1].map(unit => fromUnit(one, unit))).toEqual(['a', { b: [1] }, null, null]);
    expect([choiceIndex(one, { b: [1] }), choiceIndex(one, 'b')]).toEqual([1, -1]);
  });
});

describe('a point', () => {
  const space = [
    choice('optimizer', ['adam', 'sgd']),
    { ...range('beta', 0, 1), when: { name: 'optimizer', oneOf: ['adam'] } },
    choice('nesterov', [true, false], { name: 'optimizer', oneOf: ['sgd'] }),
    { ...range('momentum', 0, 1), when: { name: 'nesterov', oneOf: [true] } },
  ] as const;

  it('has values for the active dimensions alone, in the order of the space', () => {
    const pointAt = (unit: number) => makePoint(space, dimension => fromUnit(dimension, unit));
    expect(pointAt(0.25)).toEqual({ optimizer: 'adam', beta: 0.25 });
    expect(pointAt(0.5)).toEqual({ optimizer: 'sgd', nesterov: false });
    const chosen = { optimizer: 'sgd', nesterov: true };
    expect(space.map(dimension => isActive(dimension, chosen))).toEqual([true, false, true, true]);
  });

  it('equals another whatever the order of its names', () => {
    expect(pointKey({ a: 1, b: [2] })).toBe(pointKey({ b: [2], a: 1 }));
    expect(pointKey({ a: 1 })).not.toBe(pointKey({ a: '1' }));
  });
});
