import type { LayerSpec } from '../core/artifacts.ts';
import type { AnyLayerKind } from './layer.ts';

/** Kinds of layers by the name written in YAML. */
export type LayerKinds = ReadonlyMap<string, AnyLayerKind>;

/** Parameters of a layer, completed with defaults. */
export type Params = Readonly<Record<string, unknown>>;

/** Kind of a layer as written. The schema has refused unknown ones. */
export function kindOf({ use }: LayerSpec, kinds: LayerKinds): AnyLayerKind {
  const kind = kinds.get(use);
  if (kind === undefined) throw new Error(`unknown layer "${use}"`);
  return kind;
}

/** Parameters of a layer as written, completed with defaults. */
export function withDefaults(kind: AnyLayerKind, { use: _use, ...given }: LayerSpec): Params {
  const { properties } = kind.params as { properties: Record<string, { default?: unknown }> };
  const defaults = Object.entries(properties).flatMap(([key, schema]) =>
    schema.default === undefined ? [] : [[key, schema.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

/** True where one of the layers, or one inside their branches, takes the labels. */
export function takesLabels(specs: readonly LayerSpec[], kinds: LayerKinds): boolean {
  return specs.some(spec => {
    const kind = kindOf(spec, kinds);
    const params = withDefaults(kind, spec);
    const inside = Object.values(kind.branches?.(params) ?? {});
    return kind.takesLabels?.(params) === true || inside.some(branch => takesLabels(branch, kinds));
  });
}

/** Place of a branch in its layer: `['shortcut']`, or `['branches', 1]`. */
export const branchPath = (branch: string): readonly (string | number)[] =>
  branch.split('/').map(part => (/^\d+$/.test(part) ? Number(part) : part));

/** A branch behind its layer in a message: `, shortcut`, or `, branch 2` for `branches/1`; nothing for `layers`. */
export const branchLabel = (branch: string): string =>
  branch === 'layers'
    ? ''
    : `, ${branch.replace(/^branches\/(\d+)$/, (_, index) => `branch ${Number(index) + 1}`)}`;
