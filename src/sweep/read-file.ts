/** Reads a sweep's file into a definition, or reports every mistake in it, before anything runs. */
import { basename, relative, resolve } from 'node:path';
import type { Env } from '../core/env.ts';
import { isError, type Problem } from '../core/failure.ts';
import type { Schema } from '../core/json-schema.ts';
import { checkNode } from '../config/check-node.ts';
import type { Node } from '../config/node.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { describeNode, problemAt, sortProblems } from '../config/problems.ts';
import { isSource, readSource } from '../config/read-source.ts';
import { schemaProblems } from '../config/schema-problems.ts';
import type { Source } from '../config/source.ts';
import type { Space } from '../search/space.ts';
import { checkPoints, type CheckedPlans } from './check-points.ts';
import type { Method, SweepDefinition } from './definition.ts';
import { SweepFile } from './file-schema.ts';
import { keyOf, placeOf, reportAt, type Reporter } from './problems.ts';
import { checkBudget, checkSettings, methodOf, seedsOf, spaceOf } from './points.ts';
import { samplePoints, isSampledWhole } from './sample-points.ts';
import { isAllowed } from './conditions.ts';
import { resolveConditions, resolveObjective } from './resolve.ts';
import { resolveEarly } from './resolve-early.ts';

export interface ReadOptions {
  readonly cwd: string;
  readonly env: Env;
  /** True where a grid of any size is meant. */
  readonly large: boolean;
}

/** A definition without what its creation adds. */
export type SweepDraft = Omit<SweepDefinition, 'id' | 'createdAt'>;

export type ReadSweep =
  | { readonly ok: true; readonly draft: SweepDraft; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** @param file As given on the command line, relative to `cwd`. */
export async function readSweepFile(file: string, options: ReadOptions): Promise<ReadSweep> {
  const problems: Problem[] = [];
  const report = (problem: Problem) => {
    problems.push(problem);
  };
  const source = await readSource(resolve(options.cwd, file), file);
  if (!isSource(source)) return { ok: false, problems: [source] };
  // Its values count as settings: relative paths in them begin in the working folder, as with --set.
  const root = parseYaml({ ...source, dir: options.cwd, settings: 'the sweep' }, report);
  const draft = root && (await readRoot(root, { file, source, ...options }, report));
  if (draft === undefined || problems.some(isError)) return { ok: false, problems: sortProblems(problems) };
  return { ok: true, draft, text: source.text };
}

interface Context extends ReadOptions {
  readonly file: string;
  readonly source: Source;
}

async function readRoot(
  root: Node,
  context: Context,
  report: Reporter['report'],
): Promise<SweepDraft | undefined> {
  const { file } = context;
  if (root.kind !== 'map') {
    const details = { expected: 'a mapping with pipeline and objective', found: describeNode(root) };
    report(problemAt(root.span, 'not-a-sweep', `${file} is not a sweep`, details));
    return undefined;
  }
  if (root.entries.has('stages')) {
    const hint = `run it: pipe run ${file}; a sweep names it: pipeline: ${basename(file)}`;
    report(
      problemAt(keyOf({ root, report }, ['stages']), 'not-a-sweep', `${file} is a pipeline, not a sweep`, {
        hint,
      }),
    );
    return undefined;
  }
  const { value, errors, node } = checkNode(SweepFile as unknown as Schema, root);
  const at = { ...root.span, end: root.span.start + 1 };
  const subject = { noun: 'key', owner: '', node, at, unresolved: new Set<Node>() };
  for (const problem of schemaProblems(errors, subject)) report(problem);
  if (errors.length > 0) return undefined;
  const sweep = value as SweepFile;
  const reporter = { root: node, report };
  const written = [sweep.pipeline].flat();
  const space = spaceOf(sweep, written, reporter);
  const method = methodOf(sweep, space, context, reporter);
  if (method === undefined) return undefined;
  checkSettings(sweep, reporter);
  const seeds = seedsOf(sweep, reporter);
  checkBudget(sweep, seeds, reporter);
  const plans = await checkPoints({ sweep, space, method, written, context, reporter });
  if (plans === undefined) return undefined;
  return complete({ sweep, space, method, seeds, plans, context, reporter });
}

interface Parts {
  readonly sweep: SweepFile;
  readonly space: Space;
  readonly method: Method;
  readonly seeds: readonly number[];
  readonly plans: CheckedPlans;
  readonly context: Context;
  readonly reporter: Reporter;
}

function complete({ sweep, space, method, seeds, plans, context, reporter }: Parts): SweepDraft | undefined {
  const objective = resolveObjective(sweep, plans, reporter);
  const early = objective && resolveEarly(sweep, { plans, space, objective }, reporter);
  const conditions = resolveConditions(sweep, space, plans, reporter);
  if (objective === undefined || conditions === undefined) return undefined;
  const { file, cwd } = context;
  const { set = {}, points, budget = {}, retries = 1, workers = 1, seed = 1 } = sweep;
  const draft: SweepDraft = {
    schemaVersion: 1,
    name: sweep.name ?? basename(file).replace(/\.ya?ml$/i, ''),
    file,
    cwd,
    pipelines: plans.map(({ written, path, sha256 }, index) => ({
      written,
      file: relative(cwd, path),
      sha256,
      constants: conditions.constants[index] ?? {},
    })),
    method,
    space,
    ...(points !== undefined && { points }),
    set,
    seeds,
    objective,
    where: conditions.where,
    ...(early !== undefined && { early }),
    budget,
    retries,
    workers,
    seed,
  };
  if (hasAllowed(draft)) return draft;
  reportAt(reporter, placeOf(reporter, ['where']), 'no-point-left', 'no point fulfils "where"', {
    hint: 'pipe sweep --dry-run without "where" lists the points',
  });
  return undefined;
}

/** False where no point of a small grid or a list fulfils the conditions. */
function hasAllowed(draft: SweepDraft): boolean {
  const { method, space, points = [], where } = draft;
  if (where.length === 0 || (method !== 'list' && !isSampledWhole(space))) return true;
  return (method === 'list' ? points : samplePoints(space)).some(point => isAllowed(draft, point));
}
