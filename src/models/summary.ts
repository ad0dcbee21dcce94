import { flattened, type BoundLayer, type Network } from './network.ts';
import { formatShape, product } from './shape.ts';

/** Number of weights, state included. */
export const weightCount = (network: Network): number =>
  network.weights.reduce((total, weight) => total + product(weight.shape), 0);

/** Number of weights that are state, such as moving statistics. */
export const statisticsCount = (network: Network): number =>
  network.weights
    .filter(weight => !weight.trainable)
    .reduce((total, weight) => total + product(weight.shape), 0);

/** A network as a text table: layer, output shape, weights, parameters. Layers inside branches come after theirs. */
export function summarize(network: Network): string {
  const rows = [
    ['layer', 'output', 'weights', 'parameters'],
    ['input', formatShape(network.input), '', ''],
    ...flattened(network.layers).map(layer => [
      layer.name,
      formatShape(layer.output),
      weightsOf(layer),
      parametersOf(layer),
    ]),
  ];
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] as string).length)));
  const lines = rows.map(row =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 2 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const total = weightCount(network).toLocaleString('en-US');
  const moving = statisticsCount(network).toLocaleString('en-US');
  return [`${network.name}: ${total} weights, ${moving} of them moving statistics`, ...lines].join('\n');
}

function weightsOf(layer: BoundLayer): string {
  const count = layer.weights.reduce((total, weight) => total + product(weight.shape), 0);
  return count === 0 ? '' : count.toLocaleString('en-US');
}

/** Values that go without saying. */
const QUIET: Readonly<Record<string, unknown>> = {
  activation: 'linear',
  useBias: true,
  kernelInitializer: 'glorotUniform',
  spectralNormalization: false,
  conditional: false,
  l2: 0,
};

function parametersOf({ params, branches }: BoundLayer): string {
  const inside = new Set(Object.keys(branches).map(place => place.split('/')[0]));
  return Object.entries(params)
    .filter(([name, value]) => !inside.has(name) && QUIET[name] !== value)
    .map(([name, value]) => `${name} ${formatValue(value)}`)
    .join(', ');
}

/** `8`, `[8, 8, 128]`, or `{ use: heNormal, gain: 2 }`. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${name}: ${formatValue(inner)}`);
  return `{ ${entries.join(', ')} }`;
}
