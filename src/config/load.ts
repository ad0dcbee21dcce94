import { resolve } from 'node:path';
import type { Env } from '../core/env.ts';
import { isError, type Problem } from '../core/failure.ts';
import { checkTargets, overrideTopLevel, overrideVariables } from './apply-overrides.ts';
import { checkNode } from './check-node.ts';
import { readChain, type PipelineFile } from './extends.ts';
import type { Precedence } from './ignored.ts';
import { Loading } from './loading.ts';
import { idOf, mergeChain } from './merge.ts';
import { child, mapChildren, type MapNode, type Node } from './node.ts';
import { parseOverrides, type Override } from './parse-overrides.ts';
import type { ValidPipeline } from './pipeline.ts';
import { problemAt, sortProblems, type Report } from './problems.ts';
import { resolvedText, unreadableReason } from './resolved.ts';
import { schemaProblems } from './schema-problems.ts';
import type { Source } from './source.ts';
import { readEntry, type EntryContext, type ReadStage } from './stage-entry.ts';
import { PipelineStructure } from './structure.ts';
import { Variables } from './variables.ts';

export interface LoadOptions {
  /** The arguments of `--set`, such as `train.epochs=3`. */
  readonly set?: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  /** Settings from elsewhere, with their places; they come after those of `set`. */
  readonly settings?: readonly Override[];
  /** Allows missing data, for callers that check it later for the stages that run; otherwise it is a problem. */
  readonly absentData?: 'allowed';
  /** Called with the absolute paths of the files read so far before a user's code is loaded, which may never finish. */
  readonly onSources?: ((files: readonly string[]) => Promise<void>) | undefined;
}

export type LoadResult =
  | { readonly ok: true; readonly pipeline: ValidPipeline }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** Paths that were read or are missing, for `pipe watch`. */
      readonly sources: readonly string[];
    };

/**
 * Reads and checks a pipeline file with all files that it extends and includes, and settings. Reports every problem at once.
 * @param file As given on the command line, relative to `cwd`.
 */
export async function loadPipeline(file: string, options: LoadOptions): Promise<LoadResult> {
  const loading = new Loading(options.onSources);
  const path = resolve(options.cwd, file);
  const pipeline = await load(file, path, options, loading);
  const sources = [...loading.sources];
  const isValid = pipeline !== undefined && !loading.problems.some(isError);
  const problems = sortProblems([...loading.problems, ...(isValid ? [] : loading.missing)]);
  return isValid
    ? { ok: true, pipeline: { ...pipeline, sources, warnings: problems } }
    : { ok: false, problems, sources };
}

async function load(
  file: string,
  path: string,
  { set = [], settings: further = [], cwd, env }: LoadOptions,
  loading: Loading,
): Promise<Omit<ValidPipeline, 'sources' | 'warnings'> | undefined> {
  const { report } = loading;
  const settings = [...parseOverrides(set, cwd, report), ...further];
  const chain = await readChain(path, file, loading);
  const own = chain?.[0];
  if (chain === undefined || own === undefined) return undefined;
  const another = networksProblem(own) ?? sweepProblem(own);
  if (another !== undefined) {
    report(another);
    return undefined;
  }

  const variables = new Variables(env, report);
  for (const { root } of chain.toReversed()) variables.addFrom(root);
  const overrides = overrideVariables(settings, variables, report).map(override => ({
    ...override,
    value: variables.substitute(override.value),
  }));
  variables.resolveAll();

  const merged = mergeChain(
    chain.map(({ root }) => substituteStages(root, variables)),
    report,
  );
  const { root, rest } = overrideTopLevel(merged, overrides);
  const top = checkStructure(root, variables, loading);
  const files = chain.map(each => each.source).toReversed();
  const precedence: Precedence = ({ name, settings: by }) =>
    by === undefined ? files.findIndex(source => source.name === name) : Infinity;
  const context = { cwd, dir: own.source.dir, loading, variables, overrides: rest, precedence };
  const stages = await readStages(root, context);
  if (top === undefined || stages === undefined) return undefined;
  if (!loading.problems.some(isError)) reportUnused(variables, own.source, report);
  const { source } = own;
  const resolved = resolvedText({ ...top, stages }, cwd, source.dir);
  checkReadable(resolved, root, report);
  return {
    ...top,
    file,
    dir: source.dir,
    givenText: source.text,
    resolvedText: resolved,
    fromEnvironment: [...variables.fromEnvironment],
    stages,
  };
}

/** The problem of a networks file given as a pipeline: each of its keys would be a mistake otherwise. */
function networksProblem({ root, source }: PipelineFile): Problem | undefined {
  const key = root.entries.get('generator')?.key;
  if (key === undefined || root.entries.has('stages') || root.entries.has('extends')) return undefined;
  const message = `${source.name} describes networks and is not a pipeline`;
  const hint = `name it in a pipeline: { use: build-model, params: { model: ${source.name} } }`;
  return problemAt(key, 'not-a-pipeline', message, { hint });
}

/** The problem of a sweep given as a pipeline. */
function sweepProblem({ root, source }: PipelineFile): Problem | undefined {
  const key = root.entries.get('pipeline')?.key;
  if (key === undefined || root.entries.has('stages') || root.entries.has('extends')) return undefined;
  return problemAt(key, 'not-a-pipeline', `${source.name} is a sweep, not a pipeline`, {
    hint: `run it: pipe sweep ${source.name}`,
  });
}

/** Checks that the resolved pipeline can be read again, as resuming and reproducing need it. */
function checkReadable(resolved: string, root: MapNode, report: Report): void {
  const reason = unreadableReason(resolved);
  if (reason === undefined) return;
  const message = `the pipeline is too large to be recorded, with all that it includes: ${reason}`;
  const at = root.entries.get('stages')?.key ?? root.span;
  report(problemAt(at, 'too-large', message, { hint: 'make two pipelines of it' }));
}

/**
 * Reports unused variables: as mistakes on the command line, as warnings in the file itself. Those of a base may be for other
 * files.
 */
function reportUnused(variables: Variables, own: Source, report: Report): void {
  for (const { name, key } of variables.unused()) {
    const isSet = key.source.settings !== undefined;
    const problem = problemAt(key, 'no-effect', `variable "${name}" has no effect: nothing refers to it`, {
      hint: `use it as \${${name}}, or leave it out`,
    });
    if (isSet) report(problem);
    else if (key.source === own) report({ ...problem, severity: 'warning' });
  }
}

/** Replaces variables everywhere but in their definitions. */
function substituteStages(root: MapNode, variables: Variables): MapNode {
  const entries = [...root.entries].map(
    ([name, entry]) =>
      [name, name === 'vars' ? entry : { ...entry, value: variables.substitute(entry.value) }] as const,
  );
  return { ...root, entries: new Map(entries) };
}

/** Checks everything but the stages' parameters. */
function checkStructure(
  root: MapNode,
  { unresolved }: Variables,
  { report }: Loading,
): Pick<ValidPipeline, 'name' | 'seed'> | undefined {
  const { value, errors } = checkNode(PipelineStructure, withoutEmptyKeys(root));
  const subject = {
    noun: 'key',
    owner: '',
    node: root,
    at: { ...root.span, end: root.span.start + 1 },
    unresolved,
  };
  for (const problem of schemaProblems(errors, subject)) report(problem);
  const { name, seed } = value as Pick<ValidPipeline, 'name' | 'seed'>;
  return errors.length === 0 ? { name, seed } : undefined;
}

/** The node without empty keys, such as `params:` without a value. */
function withoutEmptyKeys(node: Node): Node {
  if (node.kind !== 'map') return node.kind === 'list' ? mapChildren(node, withoutEmptyKeys) : node;
  const entries = [...node.entries]
    .filter(([, { value }]) => value.kind !== 'scalar' || value.value !== null)
    .map(([name, entry]) =>
      name === 'stages'
        ? ([name, { ...entry, value: withoutEmptyKeys(entry.value) }] as const)
        : ([name, entry] as const),
    );
  return { ...node, entries: new Map(entries) };
}

async function readStages(root: MapNode, context: EntryContext): Promise<readonly ReadStage[] | undefined> {
  const list = child(root, 'stages');
  if (list?.kind !== 'list') return undefined;
  const ids = [...new Set(list.items.map(idOf))].filter(id => id !== undefined);
  const stages: ReadStage[] = [];
  for (const entry of list.items) {
    const stage = entry.kind === 'map' ? await readEntry(entry, context) : undefined;
    if (stage !== undefined) stages.push(stage);
  }
  checkTargets(context.overrides, ids, stages, context.loading.report);
  return stages.length === list.items.length ? stages : undefined;
}
