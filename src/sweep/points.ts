/** Which points a sweep's file describes: the space, the method, the seeds. */
import { counted } from '../core/format.ts';
import { child } from '../config/node.ts';
import { gridSize } from '../search/grid.ts';
import { pointKey, type Point, type Space } from '../search/space.ts';
import type { Method } from './definition.ts';
import { readSpace } from './dimensions.ts';
import type { SweepFile } from './file-schema.ts';
import { checkPointNames } from './point-names.ts';
import { keyOf, placeOf, reportAt, type Reporter } from './problems.ts';

/** Points of a grid beyond which it must be meant. */
const LARGE_GRID = 1000;

/** The space of `vary`, or that of the points. */
export function spaceOf(
  { points, vary }: SweepFile,
  pipelines: readonly string[],
  reporter: Reporter,
): Space {
  const { root } = reporter;
  if (points === undefined) return readSpace(child(root, 'vary'), pipelines, reporter);
  if (vary !== undefined)
    reportAt(reporter, keyOf(reporter, ['vary']), 'two-spaces', 'there are points, and "vary" beside them', {
      hint: 'leave one of them out',
    });
  checkRepeatedPoints(points, reporter);
  checkPointNames(points, pipelines, reporter);
  const names = [...new Set(points.flatMap(point => Object.keys(point)))];
  return names.map(name => {
    const values = points.filter(point => Object.hasOwn(point, name)).map(point => point[name]);
    const distinct = [...new Map(values.map(value => [JSON.stringify(value), value])).values()];
    return { name, kind: 'choice', values: distinct };
  });
}

function checkRepeatedPoints(points: readonly Point[], reporter: Reporter): void {
  const keys = points.map(pointKey);
  keys.forEach((key, index) => {
    const before = keys.indexOf(key);
    if (before < index)
      reportAt(
        reporter,
        placeOf(reporter, ['points', index]),
        'repeated-value',
        `point ${index + 1} is the same as point ${before + 1}`,
        {
          hint: 'repeats of a point have seeds: seeds: 3',
        },
      );
  });
}

export function methodOf(
  { method, points, vary, budget }: SweepFile,
  space: Space,
  { large }: { readonly large: boolean },
  reporter: Reporter,
): Method | undefined {
  const chosen = method ?? (points === undefined ? 'grid' : 'list');
  const at = keyOf(reporter, method === undefined ? [] : ['method']);
  if ((chosen === 'list') !== (points !== undefined)) {
    const hint =
      chosen === 'list'
        ? 'list the points: points: [{ train.batchSize: 16 }]'
        : 'leave the method out, or name list';
    reportAt(
      reporter,
      at,
      'wrong-method',
      `the method ${chosen} has ${points === undefined ? 'no points' : 'no use for points'}`,
      { hint },
    );
    return undefined;
  }
  if (chosen === 'list') return chosen;
  if (vary !== undefined && space.length === 0) {
    const hint = 'vary: { train.batchSize: [16, 32] }, or seeds: 3 without "vary"';
    reportAt(
      reporter,
      placeOf(reporter, ['vary']),
      'nothing-varies',
      `the ${chosen === 'grid' ? 'grid' : 'space'} is empty: nothing varies`,
      { hint },
    );
    return undefined;
  }
  if (chosen === 'grid') {
    const size = gridSize(space);
    const hasEnd = budget?.runs !== undefined || budget?.hours !== undefined;
    if (size === Infinity) {
      const range = space.find(({ kind, ...rest }) => kind === 'range' && !('step' in rest));
      reportAt(
        reporter,
        range === undefined ? at : placeOf(reporter, ['vary', range.name]),
        'endless-grid',
        'a grid has values, not a range without steps',
        {
          hint: 'values: [0.1, 0.2], a step, or another method: random, sobol, tpe',
        },
      );
      return undefined;
    }
    if (size > LARGE_GRID && !large && !hasEnd) {
      reportAt(
        reporter,
        placeOf(reporter, ['vary']),
        'large-grid',
        `the grid has ${size.toLocaleString('en')} points`,
        {
          hint: 'if that is meant: --yes, or a budget: { runs: 100 }; random, sobol and tpe try some of them',
        },
      );
      return undefined;
    }
    return chosen;
  }
  if (space.length === 0) {
    reportAt(reporter, at, 'nothing-varies', `the method ${chosen} has nothing to choose: nothing varies`, {
      hint: 'vary: { train.learningRate: { log: [1.0e-5, 1.0e-2] } }',
    });
    return undefined;
  }
  if (budget?.runs === undefined && budget?.hours === undefined && gridSize(space) > LARGE_GRID) {
    reportAt(reporter, at, 'no-budget', `the method ${chosen} has no end`, {
      hint: 'budget: { runs: 50 }, or hours',
    });
    return undefined;
  }
  return chosen;
}

/** Reports what is both fixed and varied. */
export function checkSettings({ set = {}, vary = {}, points = [] }: SweepFile, reporter: Reporter): void {
  const varied = new Set([...Object.keys(vary), ...points.flatMap(point => Object.keys(point))]);
  for (const name of Object.keys(set))
    if (varied.has(name))
      reportAt(reporter, keyOf(reporter, ['set', name]), 'set-and-varied', `"${name}" is set, and varies`, {
        hint: 'leave one of them out',
      });
}

/** Reports a budget that no point fits into. */
export function checkBudget({ budget }: SweepFile, seeds: readonly number[], reporter: Reporter): void {
  const { runs = Infinity } = budget ?? {};
  if (runs >= seeds.length) return;
  reportAt(
    reporter,
    placeOf(reporter, ['budget', 'runs']),
    'small-budget',
    `${counted(runs, 'run')} are too few for a point, which has ${seeds.length} seeds`,
    { expected: `${seeds.length} or more` },
  );
}

export function seedsOf({ seeds = [], set = {} }: SweepFile, reporter: Reporter): readonly number[] {
  if (Object.hasOwn(set, 'seed') && reporter.root.kind === 'map' && reporter.root.entries.has('seeds'))
    reportAt(
      reporter,
      keyOf(reporter, ['set', 'seed']),
      'set-and-varied',
      '"seed" is set, and there are seeds',
      {
        hint: 'leave one of them out',
      },
    );
  if (typeof seeds === 'number') return Array.from({ length: seeds }, (_, index) => index + 1);
  seeds.forEach((seed, index) => {
    if (seeds.indexOf(seed) < index)
      reportAt(
        reporter,
        placeOf(reporter, ['seeds', index]),
        'repeated-value',
        `the seed ${seed} is there twice`,
      );
  });
  return seeds;
}
