import { Failure, isError, type Location } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import { borrowedInputs, checkParameters, omittedOutputs } from '../core/stage-functions.ts';
import type { AnyStage } from '../core/stage.ts';
import { expandHome } from '../host/home.ts';
import { overrideParams } from './apply-overrides.ts';
import { checkNode } from './check-node.ts';
import { withoutIgnored, type Effective, type IgnoredContext, type Precedence } from './ignored.ts';
import type { Schema } from '../core/json-schema.ts';
import { loadStage } from './load-stage.ts';
import type { Loading } from './loading.ts';
import { mapTexts } from './map-texts.ts';
import { idOf } from './merge.ts';
import { missingPaths } from './missing-paths.ts';
import { child, numberOf, stringOf, type MapNode, type Node, type ScalarNode } from './node.ts';
import type { Override } from './parse-overrides.ts';
import type { PipelineStage } from './pipeline.ts';
import { oneOf, problemAt } from './problems.ts';
import { schemaProblems, spanOf, type Subject } from './schema-problems.ts';
import { locate } from './source.ts';
import { secretParams } from './secret-params.ts';
import { ID_RULE, isId } from './stage-reference.ts';
import { withoutNulls } from './unset.ts';
import { valueAt } from './value-at.ts';
import type { Variables } from './variables.ts';
import { includeYamlFiles } from './yaml-files.ts';

/** Context shared by the entries of a pipeline. */
export interface EntryContext {
  readonly cwd: string;
  /** Folder of the pipeline file. */
  readonly dir: string;
  readonly loading: Loading;
  readonly variables: Variables;
  readonly overrides: readonly Override[];
  readonly precedence: Precedence;
}

/** A stage with a reference that is valid in any folder. */
export interface ReadStage extends PipelineStage {
  readonly reference: string;
}

/** Reads an entry of `stages:` as a stage with complete parameters; undefined with its problems reported. */
export async function readEntry(entry: MapNode, context: EntryContext): Promise<ReadStage | undefined> {
  const use = child(entry, 'use');
  const id = idOf(entry);
  if (use?.kind !== 'scalar' || typeof use.value !== 'string' || use.value === '' || id === undefined)
    return undefined;
  // Reported by the parser.
  if (use.value.includes('\0')) return undefined;
  if (child(entry, 'id') === undefined && !isId(id))
    context.loading.report(
      problemAt(use.span, 'invalid-id', `"${id}" cannot be the id of a stage`, {
        expected: ID_RULE,
        hint: 'give the stage an id of its own, such as id: my-stage',
      }),
    );
  const loaded = await loadStage(use.value, use, context.cwd, context.loading);
  if (loaded === undefined) return undefined;
  const { stage } = loaded;
  const params = await readParams(entry, use, id, stage, context);
  const inputs = readInputs(entry, id, stage, context.loading);
  if (params === undefined) return undefined;
  context.loading.missing.push(...missingPaths({ id, stage, ...params }, [context.cwd, context.dir]));
  const seed = numberOf(child(entry, 'seed'));
  const own = { ...params, ...inputs, ...(seed !== undefined && { seed }) };
  return { id, use: use.value, ...loaded, ...own, location: locate(use.span) };
}

type CheckedParams = Effective & Pick<PipelineStage, 'omitted' | 'borrowed'>;

async function readParams(
  entry: MapNode,
  use: ScalarNode,
  id: string,
  stage: AnyStage,
  { loading, variables, overrides, precedence }: EntryContext,
): Promise<(CheckedParams & Pick<PipelineStage, 'secrets' | 'locate'>) | undefined> {
  const schema = stage.params as Schema;
  const written = entry.entries.get('params');
  const at = written?.key ?? use.span;
  const empty: MapNode = { kind: 'map', entries: new Map(), span: at };
  const start = written === undefined || isNothing(written.value) ? empty : written.value;
  if (start.kind !== 'map') return undefined;
  let node: Node | undefined = await includeYamlFiles(start, schema, loading, variables);
  for (const override of overrides)
    if (override.target.name === id && override.path.length > 0 && node?.kind === 'map')
      node = overrideParams(node, override, loading.report);
  node = node && (await includeYamlFiles(node, schema, loading, variables));
  if (node === undefined) return undefined;
  node = withoutNulls(node, schema);
  const subject = {
    noun: 'parameter',
    owner: ` of stage "${id}"`,
    node,
    at,
    unresolved: variables.unresolved,
  };
  const effective = checkParams(stage, subject, { id, node, precedence, report: loading.report });
  if (effective === undefined) return undefined;
  const secrets = secretParams(node).filter(({ path }) => valueAt(effective.params, path) !== undefined);
  return {
    ...effective,
    ...(secrets.length > 0 && { secrets }),
    locate: path => locate(spanOf(path, subject)),
  };
}

function checkParams(stage: AnyStage, subject: Subject, context: IgnoredContext): CheckedParams | undefined {
  const { id, report } = context;
  let params: Record<string, unknown>;
  try {
    const { node, value, errors } = checkNode(stage.params as Schema, subject.node);
    for (const problem of schemaProblems(errors, { ...subject, node })) report(problem);
    if (errors.length > 0) return undefined;
    params = withHome(value as Record<string, unknown>, stage.params as Schema);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    report(
      problemAt(
        subject.at,
        'broken-stage',
        `stage "${stage.name}" has a wrong parameter schema: ${error.message}`,
      ),
    );
    return undefined;
  }
  try {
    const problems = checkParameters({ id, stage, params });
    for (const { path, code, message, ...details } of problems)
      report(problemAt(spanOf(path, subject), code, message, details));
    if (problems.some(isError)) return undefined;
    const effective = withoutIgnored(stage, inSchemaOrder(params, stage.params as Schema), context);
    const called = { id, stage, params: effective.params };
    const [omitted, borrowed] = [omittedOutputs(called), borrowedInputs(called)];
    return {
      ...effective,
      ...(omitted.length > 0 && { omitted }),
      ...(borrowed.length > 0 && { borrowed }),
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [hint] = error.details;
    report(problemAt(subject.at, error.code, error.message, hint === undefined ? {} : { hint }));
    return undefined;
  }
}

/** Expands `~/data` in a YAML file like a shell. */
const withHome = (params: Record<string, unknown>, schema: Schema): Record<string, unknown> =>
  mapTexts(params, schema, (text, isPath) => (isPath ? expandHome(text) : text)) as Record<string, unknown>;

/** Sorts parameters, whose order in a file does not matter. */
function inSchemaOrder(value: Record<string, unknown>, { properties = {} }: Schema): Record<string, unknown> {
  const names = [...Object.keys(properties), ...Object.keys(value)].filter(name =>
    Object.hasOwn(value, name),
  );
  return Object.fromEntries(
    [...new Set(names)].map(name => {
      const inner = value[name];
      const schema = properties[name];
      const isRecord = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
      return [name, isRecord && schema ? inSchemaOrder(inner as Record<string, unknown>, schema) : inner];
    }),
  );
}

const isNothing = (node: Node): boolean => node.kind === 'scalar' && node.value === null;

function readInputs(
  entry: MapNode,
  id: string,
  stage: AnyStage,
  loading: Loading,
): Pick<PipelineStage, 'inputs' | 'inputLocations'> {
  const inputs: Record<string, string> = {};
  const inputLocations: Record<string, Location> = {};
  const known = Object.keys(stage.inputs as object);
  const written = child(entry, 'inputs');
  for (const [name, { key, value }] of written?.kind === 'map' ? written.entries : []) {
    if (!known.includes(name))
      loading.report(
        problemAt(key, 'unknown-input', `unknown input "${name}" of stage "${id}"`, {
          expected: known.length === 0 ? 'no input: it has none' : oneOf(known),
          suggestion: nearest(name, known),
        }),
      );
    else {
      const source = stringOf(value);
      if (source === undefined) continue;
      inputs[name] = source;
      inputLocations[name] = locate(value.span);
    }
  }
  return { inputs, inputLocations };
}
