import { alignColumns } from '../core/align-columns.ts';
import { branchLabel } from './layer-specs.ts';
import { flattened, type BoundLayer, type Network } from './network.ts';
import { formatShape, product, type Dimensions, type Shape } from './shape.ts';

/** Number of weights, state included. */
export const weightCount = (network: Network): number =>
  network.weights.reduce((total, weight) => total + product(weight.shape), 0);

/** Number of weights that are state, such as moving statistics. */
export const statisticsCount = (network: Network): number =>
  network.weights
    .filter(weight => !weight.trainable)
    .reduce((total, weight) => total + product(weight.shape), 0);

/** Multiplications of kernels for one image, as the layers are written: a faster form of a layer may do with fewer. */
export const multiplyAdds = ({ layers, dimensions }: Network): number =>
  flattened(layers).reduce((total, layer) => total + macsOf(layer, dimensions), 0);

const macsOf = ({ kind, input, output, params }: BoundLayer, dimensions: Dimensions): number =>
  kind.macs?.(input, output, params, dimensions) ?? 0;

/** `812`, `1.05 M`: a number to three digits. */
export function shortCount(count: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  const at = units.findLastIndex(
    (_, index) => index === 0 || Number((count / 1000 ** index).toPrecision(3)) >= 1,
  );
  return at === 0 ? String(count) : `${Number((count / 1000 ** at).toPrecision(3))}${units[at] ?? ''}`;
}

/** A row of the table, and those below it in the tree: layers inside of a layer, and branches with theirs. */
interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly inside: readonly Row[];
}

/** A network as a text table: its layers as a tree with output shape, weights, multiply-adds, parameters. */
export function summarize(network: Network): string {
  const { name, input, layers, dimensions } = network;
  const rows = [
    ['layer', 'output', 'weights', 'mult-adds', 'parameters'],
    ['input', formatShape(input), '', '', ''],
    ...lines(layers.map(layer => rowOf(layer, dimensions))),
  ];
  const total = weightCount(network).toLocaleString('en-US');
  const state = statisticsCount(network).toLocaleString('en-US');
  const head = `${name}: ${total} weights, ${state} of them not trained; ${shortCount(multiplyAdds(network))} multiply-adds per image`;
  const table = alignColumns(rows, ['left', 'left', 'right', 'right']);
  return `${head}\n${table.trimEnd()}`;
}

function rowOf(layer: BoundLayer, dimensions: Dimensions): Row {
  const { name, output, branches } = layer;
  const weights = layer.weights.reduce((total, weight) => total + product(weight.shape), 0);
  const macs = macsOf(layer, dimensions);
  return {
    name: name.split('/').at(-1) ?? name,
    cells: [
      formatShape(output),
      weights === 0 ? '' : weights.toLocaleString('en-US'),
      macs === 0 ? '' : shortCount(macs),
      parametersOf(layer),
    ],
    inside: Object.entries(branches).flatMap(([branch, layers]) => {
      const rows = layers.map(inner => rowOf(inner, dimensions));
      return branch === 'layers' ? rows : [branchRow(branch, rows, layers.at(-1)?.output ?? layer.input)];
    }),
  };
}

const branchRow = (branch: string, inside: readonly Row[], output: Shape): Row => ({
  name: branchLabel(branch).replace(/^, /, ''),
  cells: [formatShape(output), '', '', ''],
  inside,
});

/** Rows as lines of cells. @param indent Of the rows above; undefined at the top, which has no lines drawn. */
function lines(rows: readonly Row[], indent?: string): readonly (readonly string[])[] {
  return rows.flatMap(({ name, cells, inside }, index) => {
    const isLast = index === rows.length - 1;
    const [branch, below] = indent === undefined ? ['', ''] : isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
    return [[`${indent ?? ''}${branch}${name}`, ...cells], ...lines(inside, `${indent ?? ''}${below}`)];
  });
}

/** Parameters that the output shape does not tell. */
const TOLD = new Set(['filters', 'units', 'targetShape', 'name']);

/** What differs from the defaults. */
function parametersOf({ kind, params, branches }: BoundLayer): string {
  const inside = new Set(Object.keys(branches).map(place => place.split('/')[0]));
  const { properties } = kind.params as { properties: Record<string, { default?: unknown }> };
  return Object.entries(properties)
    .filter(([name, schema]) => !inside.has(name) && !TOLD.has(name) && params[name] !== schema.default)
    .map(([name]) => `${name} ${formatValue(params[name])}`)
    .join(', ');
}

/** `8`, `[8, 8, 128]`, or `{ use: heNormal, gain: 2 }`. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${name}: ${formatValue(inner)}`);
  return `{ ${entries.join(', ')} }`;
}
