/**
 * Writes a model for the Python peers as one JSON line: its networks layer by layer with shapes and weights, and the parameters by
 * which its pipeline trains it.
 *
 *     node bench/spec.js cgan-projection [inference|shared]
 */
import { bindModel, trainParams } from './model.js';
import { importSource } from './source.js';

const [model, fakes] = process.argv.slice(2);
const source = await importSource('src/models/gan.ts');
const { gan, latent, classes } = bindModel(source, model);

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));

const written = ({ name, kind, params, input, output, weights, branches }) => ({
  name,
  kind: kind.type,
  params,
  input,
  output,
  weights: weights.map(weight => ({ key: weight.key, name: weight.name, shape: weight.shape })),
  branches: mapValues(branches, writtenList),
});

/** Layers in order; those of a block's use in its place. */
function writtenList(layers) {
  return layers.flatMap(layer =>
    layer.kind.type === 'sequential' ? writtenList(layer.branches.layers) : [written(layer)],
  );
}

const networks = mapValues(gan, ({ layers }) => writtenList(layers));
const train = await trainParams(model, fakes);
console.log(JSON.stringify({ latent, classes: classes.length, train, networks }));
