import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../../src/core/experiment.ts';

interface Point {
  readonly stage: string;
  readonly step: number;
  readonly epoch: number;
  readonly values: Readonly<Record<string, number>>;
}

export type Outcome = ReturnType<typeof outcomeOf>;

/** All of an experiment of the tiny pipeline that must not depend on whether it was stopped. */
export function outcomeOf(dir: string) {
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(dir, path)))
      .digest('hex');
  const metrics = readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const published = readdirSync(join(dir, 'artifacts'), { recursive: true, encoding: 'utf8' });
  const { metrics: summaries } = recordIn(dir);
  return {
    generator: hash('stages/train/output/generator/weights.bin'),
    discriminator: hash('stages/train/output/discriminator/weights.bin'),
    animation: hash('artifacts/gif/training.gif'),
    lastSample: hash('artifacts/train/samples/sample-000045.png'),
    files: published.filter(path => /^(train|gif)/.test(path)).sort(),
    metrics: metrics.map(line => {
      const { stage, step, epoch, values } = JSON.parse(line) as Point;
      const losses = Object.entries(values).filter(([name]) => name !== 'images_per_second');
      return JSON.stringify({ stage, step, epoch, losses });
    }),
    summaries: Object.fromEntries(Object.entries(summaries).filter(([name]) => name !== 'images_per_second')),
    checkpoints: readdirSync(join(dir, 'stages/train/output/checkpoints')).sort(),
  };
}

/** An experiment's record, by its folder. */
export const recordIn = (dir: string) =>
  JSON.parse(readFileSync(join(dir, 'experiment.json'), 'utf8')) as ExperimentRecord;
