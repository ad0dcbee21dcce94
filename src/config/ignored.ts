import { ignoredParameters } from '../core/stage-functions.ts';
import type { AnyStage, IgnoredParam } from '../core/stage.ts';
import { find, type Node, type Path } from './node.ts';
import { describeValue, problemAt, type Report } from './problems.ts';
import type { Source } from './source.ts';
import { valueAt } from './value-at.ts';

/** Rank of a source among those that override each other: a base, the file that extends it, the command line. */
export type Precedence = (source: Source) => number;

export interface IgnoredContext {
  readonly id: string;
  /** The written parameters. */
  readonly node: Node;
  readonly precedence: Precedence;
  readonly report: Report;
}

/** A stage's parameters without those that have no effect. */
export interface Effective {
  readonly params: Record<string, unknown>;
  /** Ignored parameters by dotted name; absent if none. */
  readonly ignored?: readonly string[];
}

/**
 * Leaves out the parameters that have no effect, and reports those that were set: as a mistake in a setting, as a warning in a
 * file. A value that is overridden, such as the `epochs` of a base under `--set train.iterations=100`, is not reported.
 */
export function withoutIgnored(
  stage: AnyStage,
  params: Record<string, unknown>,
  context: IgnoredContext,
): Effective {
  const ignored = ignoredParameters({ id: context.id, stage, params });
  for (const each of ignored) reportIfSet(each, params, context);
  if (ignored.length === 0) return { params };
  return {
    params: ignored.reduce((rest, { path }) => withoutPath(rest, path), params),
    ignored: ignored.map(({ path }) => path.join('.')),
  };
}

function reportIfSet(
  { path, because, hint }: IgnoredParam,
  params: Record<string, unknown>,
  { id, node, precedence, report }: IgnoredContext,
): void {
  const written = find(node, path);
  if (!written.complete || written.key === undefined) return;
  const { source } = written.key;
  const decisive = find(node, because);
  const isOverruled =
    decisive.complete && decisive.key !== undefined && precedence(source) < precedence(decisive.key.source);
  const isSetting = source.settings !== undefined;
  if (isOverruled && !isSetting) return;
  const other = because.join('.');
  const text = `parameter "${path.join('.')}" of stage "${id}" has no effect: ${other} is ${describeValue(valueAt(params, because))}`;
  const problem = problemAt(written.key, 'no-effect', text, {
    hint: hint ?? `set ${id}.${other} instead, or unset it: --set ${id}.${other}=null`,
  });
  report(isSetting ? problem : { ...problem, severity: 'warning' });
}

function withoutPath(params: Record<string, unknown>, [name = '', ...rest]: Path): Record<string, unknown> {
  const inner = params[name];
  if (rest.length > 0) return { ...params, [name]: withoutPath(inner as Record<string, unknown>, rest) };
  return Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
}
