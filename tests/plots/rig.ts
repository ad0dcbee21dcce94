/** Experiments to draw, and pictures as elements. */
import { DOMParser, type Element } from '@xmldom/xmldom';
import type { MetricSummary } from '../../src/core/experiment.ts';
import { drawMetrics } from '../../src/plots/draw.ts';
import type { PlottedExperiment, PlottedPoint } from '../../src/plots/source.ts';
import { experiment as compared } from '../compare/experiments.ts';

type Changes = Partial<MetricSummary>;

/** Values by metric; one at each step from 1 on, undefined for none. */
export type Values = Readonly<Record<string, readonly (number | undefined)[]>>;

export interface Run {
  readonly number?: number;
  readonly pipeline?: string;
  readonly status?: PlottedExperiment['status'];
  readonly unit?: string;
  /** By metric. */
  readonly changes?: Readonly<Record<string, Changes>>;
  readonly points?: Iterable<PlottedPoint>;
}

/** An experiment whose stage `train` counts iterations. */
export function run(
  values: Values,
  { number = 1, status, changes = {}, ...other }: Run = {},
): PlottedExperiment {
  const metrics = Object.entries(values).map(
    ([name, list]) => [name, { ...summaryOf(list), ...changes[name] }] as const,
  );
  const { record } = compared(number, { metrics: Object.fromEntries(metrics) });
  const progress = { done: 1, total: null, unit: other.unit ?? 'iterations' };
  return {
    record: {
      ...record,
      pipeline: { ...record.pipeline, name: other.pipeline ?? record.pipeline.name },
      stages: [{ ...stage, progress }],
    },
    status: status ?? 'finished',
    points: stored(other.points ?? pointsOf(values)),
  };
}

/** As a registry has them. */
function* stored(points: Iterable<PlottedPoint>) {
  for (const point of points) yield { point };
}

const stage = {
  id: 'train',
  use: 'train',
  version: 1,
  status: 'ran',
  ms: 1,
  report: null,
  reason: null,
} as unknown as PlottedExperiment['record']['stages'][number];

function* pointsOf(values: Values): Generator<PlottedPoint> {
  const steps = Math.max(...Object.values(values).map(list => list.length));
  for (let at = 0; at < steps; at++) {
    const given = Object.entries(values).flatMap(([name, list]) => {
      const value = list[at];
      return value === undefined ? [] : [[name, value] as const];
    });
    yield { stage: 'train', step: at + 1, values: Object.fromEntries(given) };
  }
}

function summaryOf(list: readonly (number | undefined)[]): MetricSummary {
  const values = list.filter(value => value !== undefined);
  const real = values.filter(value => !Number.isNaN(value));
  const [min, max] = [Math.min(...real), Math.max(...real)];
  return {
    stage: 'train',
    description: '',
    direction: 'none',
    unit: null,
    count: values.length,
    step: list.length,
    last: values.at(-1) ?? NaN,
    min,
    max,
    minStep: list.indexOf(min) + 1,
    maxStep: list.indexOf(max) + 1,
    tailMean: values.at(-1) ?? NaN,
  };
}

/** A picture, parsed strictly. */
class Picture {
  readonly root: Element;

  constructor(text: string) {
    const onError = (level: string, message: string) => {
      // A replacement character stands for text that is none.
      if (level !== 'warning') throw new Error(`${level}: ${message}`);
    };
    const { documentElement } = new DOMParser({ onError }).parseFromString(text, 'image/svg+xml');
    if (documentElement === null) throw new Error('empty');
    this.root = documentElement;
  }

  /** Elements of a name, with all of these classes. */
  all(name: string, ...classes: readonly string[]): readonly Element[] {
    return [...this.root.getElementsByTagName(name)].filter(each => {
      const own = (each.getAttribute('class') ?? '').split(' ');
      return classes.every(one => own.includes(one));
    });
  }

  /** Everything that can be read, without the titles of elements. */
  get texts(): readonly string[] {
    return this.all('text').map(each =>
      [...each.childNodes]
        .filter(child => child.nodeName !== 'title')
        .map(child => child.textContent ?? '')
        .join(' '),
    );
  }

  /** The lines in plots, without those of legends. */
  get lines(): readonly Element[] {
    return this.all('path', 'line').filter(each => each.parentNode?.nodeName === 'g' && isInPlot(each));
  }
}

const isInPlot = (element: Element): boolean =>
  (element.parentNode as Element).getAttribute('clip-path') === 'url(#plot)';

export async function pictureOf(...experiments: readonly PlottedExperiment[]): Promise<Picture> {
  return new Picture((await drawMetrics(experiments)) ?? '');
}

/** Corners of a path of lines: `M1,2L3,4`. */
export const corners = (path: Element): readonly (readonly [number, number])[] =>
  [...(path.getAttribute('d') ?? '').matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
