/** Checks the pipelines of a sweep for its points, before anything runs. */
import { dirname, relative, resolve } from 'node:path';
import type { Env } from '../core/env.ts';
import { isError } from '../core/failure.ts';
import { sha256 } from '../core/sha256.ts';
import { expandHome } from '../host/home.ts';
import { find } from '../config/node.ts';
import { locate } from '../config/source.ts';
import { loadPlan } from '../plan/load-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { flattenParameters } from '../run/fingerprint/parameters.ts';
import type { Point, Space } from '../search/space.ts';
import { PIPELINE, type Method } from './definition.ts';
import type { SweepFile } from './file-schema.ts';
import { placeOfPipelineAt } from './point-names.ts';
import type { Reporter } from './problems.ts';
import { samplePoints } from './sample-points.ts';
import { overridesOf } from './settings.ts';

/** One of a sweep's pipelines, with the plan of its first point. */
export interface CheckedPlan {
  readonly written: string;
  /** Absolute. */
  readonly path: string;
  /** Of its resolved text with `set` alone. */
  readonly sha256: string;
  readonly plan: Plan;
  /** Its parameters by dotted name, with `set` alone where it is valid so. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type CheckedPlans = readonly CheckedPlan[];

interface Given {
  readonly sweep: SweepFile;
  readonly space: Space;
  readonly method: Method;
  /** The pipelines as the file names them. */
  readonly written: readonly string[];
  readonly context: { readonly file: string; readonly cwd: string; readonly env: Env };
  readonly reporter: Reporter;
}

/** Undefined, with the problems reported, where a pipeline is not valid for a point. */
export async function checkPoints(given: Given): Promise<CheckedPlans | undefined> {
  const checked: CheckedPlan[] = [];
  for (const [index, written] of given.written.entries()) {
    const one = await checkPipeline(written, index, given);
    if (one !== undefined) checked.push(one);
  }
  return checked.length === given.written.length ? checked : undefined;
}

async function checkPipeline(
  written: string,
  index: number,
  { sweep, space, method, written: all, context, reporter }: Given,
): Promise<CheckedPlan | undefined> {
  const { file, cwd, env } = context;
  const path = resolve(cwd, dirname(file), expandHome(written, env));
  const shown = relative(cwd, path) || '.';
  const points = pointsFor(written, { sweep, space, method, all });
  let first: Plan | undefined;
  let isValid = true;
  for (const { point, node } of points) {
    const settings = overridesOf(
      reporter.root,
      point,
      node === undefined ? undefined : find(reporter.root, node).value,
    );
    const loaded = await loadPlan(shown, { settings, cwd, env, absentData: 'allowed' });
    if (loaded.ok) first ??= loaded.plan;
    else {
      isValid = false;
      for (const problem of loaded.problems.filter(isError))
        reporter.report(
          problem.location === undefined
            ? { ...problem, location: locate(placeOfPipelineAt(reporter, index)) }
            : problem,
        );
    }
  }
  if (!isValid || first === undefined) return undefined;
  const bare = await loadPlan(shown, {
    settings: overridesOf(reporter.root, {}),
    cwd,
    env,
    absentData: 'allowed',
  });
  // Without its point a pipeline need not be valid: only its text counts then.
  const text = bare.ok ? bare.plan.pipeline.resolvedText : first.pipeline.givenText;
  const parameters = flattenParameters((bare.ok ? bare.plan : first).stages);
  return { written, path, sha256: sha256(text), plan: first, parameters };
}

interface ToCheck {
  readonly point: Point;
  /** The path of its node in the file, for the method list. */
  readonly node?: readonly (string | number)[];
}

function pointsFor(
  written: string,
  {
    sweep,
    space,
    method,
    all,
  }: Pick<Given, 'sweep' | 'space' | 'method'> & { readonly all: readonly string[] },
): readonly ToCheck[] {
  const isOwn = ({ point }: ToCheck) => all.length < 2 || point[PIPELINE] === written;
  if (method === 'list')
    return (sweep.points ?? []).map((point, index) => ({ point, node: ['points', index] })).filter(isOwn);
  const points = samplePoints(space).map(point => ({ point }));
  // A large space may have no sample with this pipeline and another value of each dimension.
  const own = points.filter(isOwn);
  return own.length > 0 ? own : [{ point: { ...points[0]?.point, [PIPELINE]: written } }];
}
