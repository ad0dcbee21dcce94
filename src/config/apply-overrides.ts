import { nearest } from '../core/nearest.ts';
import type { AnyStage } from '../core/stage.ts';
import type { Schema } from '../core/json-schema.ts';
import { withEntry, type MapNode, type Node } from './node.ts';
import type { Override, PathPart } from './parse-overrides.ts';
import type { PipelineStage } from './pipeline.ts';
import { describeNode, oneOf, problemAt, type Report } from './problems.ts';
import type { Variables } from './variables.ts';

/** Applies `--set vars.<name>=…`; returns the other overrides. */
export function overrideVariables(
  overrides: readonly Override[],
  variables: Variables,
  report: Report,
): readonly Override[] {
  const known = variables.names();
  return overrides.filter(({ target, path, value }) => {
    if (target.name !== 'vars') return true;
    const [part = target] = path;
    if (path.length === 1 && known.includes(part.name)) variables.set(part.name, { key: part.span, value });
    else report(unknown(part, 'unknown-variable', 'variable', path.map(({ name }) => name).join('.'), known));
    return false;
  });
}

const TOP_LEVEL = ['seed', 'name'];

/** Applies `--set seed=…` and `--set name=…`; returns the other overrides. */
export function overrideTopLevel(
  root: MapNode,
  overrides: readonly Override[],
): { readonly root: MapNode; readonly rest: readonly Override[] } {
  const isTop = ({ target, path }: Override) => path.length === 0 && TOP_LEVEL.includes(target.name);
  return {
    root: overrides
      .filter(isTop)
      .reduce((map, { target, value }) => withEntry(map, target.name, { key: target.span, value }), root),
    rest: overrides.filter(override => !isTop(override)),
  };
}

/**
 * Reports overrides whose stage does not exist.
 * @param stages The stages that could be read.
 */
export function checkTargets(
  overrides: readonly Override[],
  ids: readonly string[],
  stages: readonly PipelineStage[],
  report: Report,
): void {
  for (const override of overrides) {
    const { target, path } = override;
    if (!ids.includes(target.name)) report(unknownTarget(override, ids, stages));
    else if (path.length === 0)
      report(
        problemAt(target.span, 'wrong-set', `${subjectOf(target)} ${target.name}= names no parameter`, {
          expected: `${target.name}.<parameter>=<value>`,
        }),
      );
  }
}

/**
 * The problem of an unknown target. `seed` and `name` have no parts and stages need one: each is suggested only where it fits.
 */
function unknownTarget({ target, path }: Override, ids: readonly string[], stages: readonly PipelineStage[]) {
  const owner = stages.find(({ stage }) => hasParameter(stage, target.name));
  if (owner !== undefined)
    return problemAt(
      target.span,
      'unknown-stage-id',
      `${subjectOf(target)} names no stage before "${target.name}"`,
      { hint: `a parameter is set with its stage: ${withStage(owner.id, target)}` },
    );
  if (path.length > 0) return unknown(target, 'unknown-stage-id', 'stage', target.name, ids, ['vars']);
  return problemAt(target.span, 'unknown-stage-id', `${subjectOf(target)} cannot set "${target.name}"`, {
    expected: `${TOP_LEVEL.join(', ')}, vars.<name> or <stage id>.<parameter>`,
    suggestion: nearest(target.name, TOP_LEVEL),
  });
}

/** Who sets a value, for messages. */
const subjectOf = ({ span }: PathPart): string => span.source.settings ?? '--set';

/** A setting with its stage, as it would be written. */
function withStage(id: string, { name, span }: PathPart): string {
  const { source, start } = span;
  return source.settings === '--set' ? `--set ${id}.${source.text.slice(start)}` : `${id}.${name}`;
}

const hasParameter = ({ params }: AnyStage, name: string): boolean =>
  Object.hasOwn((params as Schema).properties ?? {}, name);

const unknown = (
  at: PathPart,
  code: string,
  noun: string,
  name: string,
  known: readonly string[],
  others: readonly string[] = [],
) =>
  problemAt(at.span, code, `${subjectOf(at)} names an unknown ${noun} "${name}"`, {
    expected: known.length === 0 ? `no ${noun}: the pipeline has none` : oneOf(known),
    suggestion: nearest(name, [...known, ...others]),
  });

/** Applies one override to a stage's parameters. */
export function overrideParams(params: MapNode, override: Override, report: Report): MapNode {
  const changed = setAt(params, override.path, override, report);
  return changed.kind === 'map' ? changed : params;
}

function setAt(node: Node, path: readonly PathPart[], override: Override, report: Report): Node {
  const [part, ...rest] = path;
  if (part === undefined) return override.value;
  if (node.kind === 'list') {
    const index = /^\d+$/.test(part.name) ? Number(part.name) : -1;
    const item = node.items[index];
    // By position: a variable or alias is one node in several places.
    if (item !== undefined)
      return { ...node, items: node.items.with(index, setAt(item, rest, override, report)) };
  }
  if (node.kind === 'map') {
    const before = node.entries.get(part.name)?.value ?? emptyMap(part);
    return withEntry(node, part.name, { key: part.span, value: setAt(before, rest, override, report) });
  }
  report(notInside(node, part));
  return node;
}

const emptyMap = (part: PathPart): MapNode => ({ kind: 'map', entries: new Map(), span: part.span });

function notInside(node: Node, part: PathPart) {
  const [expected, found] =
    node.kind === 'list'
      ? [`a position from 0 to ${node.items.length - 1}`, `"${part.name}"`]
      : ['a mapping or a list to set a part of', describeNode(node)];
  return problemAt(part.span, 'wrong-set', `${subjectOf(part)} cannot reach "${part.name}"`, {
    expected,
    found,
  });
}
