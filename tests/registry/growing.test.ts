import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from './experiment.ts';
import { temporaryRegistry } from './rig.ts';

const line = (step: number): string =>
  `${JSON.stringify({ time: '2026-01-01', stage: 'train', step, values: { loss: 1 / step } })}\n`;

/** A claimed experiment, with its files of points and of one log. */
async function running() {
  const registry = temporaryRegistry();
  const { dir } = await registry.claim(newExperiment());
  mkdirSync(join(dir, 'stages/train'), { recursive: true });
  return { registry, metrics: join(dir, 'metrics.jsonl'), log: join(dir, 'stages/train/log.txt') };
}

const steps = ({ points }: { readonly points: readonly { readonly point: { readonly step: number } }[] }) =>
  points.map(({ point }) => point.step);

describe('points from a byte on', () => {
  it('are those that came since, without a last line that is not whole yet', async () => {
    const { registry, metrics } = await running();
    const [third = ''] = [line(3)];
    appendFileSync(metrics, line(1) + line(2) + third.slice(0, 20));
    const first = registry.points('exp-1');
    expect(steps(first)).toEqual([1, 2]);
    expect(first.nextByte).toBe((line(1) + line(2)).length);
    appendFileSync(metrics, third.slice(20));
    const second = registry.points('exp-1', { fromByte: first.nextByte, file: first.file });
    expect([steps(second), second.isRewritten]).toEqual([[3], false]);
    const third_ = registry.points('exp-1', { fromByte: second.nextByte, file: second.file });
    expect([steps(third_), third_.nextByte]).toEqual([[], second.nextByte]);
  });

  it('begin anew where another file has taken the place, as when an experiment is resumed', async () => {
    const { registry, metrics } = await running();
    appendFileSync(metrics, line(1) + line(2) + line(3));
    const { nextByte: fromByte, file } = registry.points('exp-1');
    writeFileSync(`${metrics}.new`, line(1) + line(2) + line(4) + line(5));
    renameSync(`${metrics}.new`, metrics);
    const again = registry.points('exp-1', { fromByte, file });
    expect([steps(again), again.isRewritten]).toEqual([[1, 2, 4, 5], true]);
  });

  it('begin anew where the file is shorter, or has no line end before the byte', async () => {
    const { registry, metrics } = await running();
    appendFileSync(metrics, line(1) + line(2));
    const { nextByte: fromByte, file } = registry.points('exp-1');
    truncateSync(metrics, line(1).length);
    const shorter = registry.points('exp-1', { fromByte, file });
    expect([steps(shorter), shorter.isRewritten]).toEqual([[1], true]);
    appendFileSync(metrics, line(1000) + line(1001));
    expect(steps(registry.points('exp-1', { fromByte, file }))).toEqual([1, 1000, 1001]);
  });

  it('of a large file come piece by piece', async () => {
    const { registry, metrics } = await running();
    const all = Array.from({ length: 60_000 }, (_, step) => step + 1);
    writeFileSync(metrics, all.map(line).join(''));
    const found: number[] = [];
    let pieces = 0;
    for (let fromByte = 0; ; pieces++) {
      const piece = registry.points('exp-1', { fromByte });
      if (piece.nextByte === fromByte) break;
      found.push(...steps(piece));
      fromByte = piece.nextByte;
    }
    expect(found).toEqual(all);
    expect(pieces).toBeGreaterThan(1);
  });

  it('are none where there is no file, and a failure where it is none', async () => {
    const { registry, metrics } = await running();
    rmSync(metrics);
    expect(registry.points('exp-1')).toEqual({
      points: [],
      nextByte: 0,
      file: undefined,
      isRewritten: false,
    });
    expect(registry.points('exp-1', { fromByte: 10 })).toMatchObject({ nextByte: 0, isRewritten: true });
    mkdirSync(metrics);
    expect(() => registry.points('exp-1')).toThrow(`${metrics} is not a file`);
  });
});

describe('a log from a byte on', () => {
  it('is the text since, never half a character', async () => {
    const { registry, log } = await running();
    const bytes = Buffer.from('läuft: 3 €\n');
    writeFileSync(log, bytes.subarray(0, bytes.length - 2));
    const first = registry.logs('exp-1', 'train');
    expect(first.text).toBe('läuft: 3 ');
    appendFileSync(log, bytes.subarray(bytes.length - 2));
    const second = registry.logs('exp-1', 'train', { fromByte: first.nextByte, file: first.file });
    expect(second).toMatchObject({ text: '€\n', nextByte: bytes.length, isRewritten: false });
  });

  it('is read in pieces', async () => {
    const { registry, log } = await running();
    const text = 'ö'.repeat(1_500_000);
    writeFileSync(log, text);
    let found = '';
    for (let fromByte = 0; fromByte < readFileSync(log).length;) {
      const piece = registry.logs('exp-1', 'train', { fromByte });
      found += piece.text;
      fromByte = piece.nextByte;
    }
    expect(found === text).toBe(true);
  });

  it('begins anew where it was replaced', async () => {
    const { registry, log } = await running();
    writeFileSync(log, 'first try\n');
    const { nextByte: fromByte, file } = registry.logs('exp-1', 'train');
    writeFileSync(`${log}.new`, 'second try, longer\n');
    renameSync(`${log}.new`, log);
    expect(registry.logs('exp-1', 'train', { fromByte, file })).toMatchObject({
      text: 'second try, longer\n',
      isRewritten: true,
    });
  });

  it('is none of a stage whose name leads elsewhere', async () => {
    const { registry } = await running();
    expect(() => registry.logs('exp-1', '../..')).toThrow('cannot be a folder');
    expect(() => registry.logs('../exp-1', 'train')).toThrow('names no experiment');
  });
});
