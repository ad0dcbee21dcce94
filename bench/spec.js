/**
 * Writes a model for the Python peers as one JSON line: its networks layer by layer with shapes and weights, and the parameters by
 * which its pipeline trains it.
 *
 *     node bench/spec.js cgan-projection [inference|shared]
 *     node bench/spec.js resnet
 */
import { bindClassifier, bindModel, fitParams, isClassifier, trainParams } from './model.js';
import { importSource } from './source.js';

const [model, fakes] = process.argv.slice(2);

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));

const written = ({ name, kind, params, input, output, weights, branches }) => ({
  name,
  kind: kind.type,
  params,
  input,
  output,
  weights: weights.map(weight => ({
    key: weight.key,
    name: weight.name,
    shape: weight.shape,
    l2: weight.l2,
  })),
  branches: mapValues(branches, writtenList),
});

/** Layers in order; those of a block's use in its place. */
function writtenList(layers) {
  return layers.flatMap(layer =>
    layer.kind.type === 'sequential' ? writtenList(layer.branches.layers) : [written(layer)],
  );
}

async function ganSpec() {
  const { gan, latent, classes } = bindModel(await importSource('src/models/gan.ts'), model);
  return { networks: gan, latent, classes, train: await trainParams(model, fakes) };
}

async function classifierSpec() {
  const { network, classes } = bindClassifier(await importSource('src/models/predictor.ts'), model);
  return { networks: { network }, classes, train: await fitParams(model) };
}

const { networks, classes, ...spec } = await (isClassifier(model) ? classifierSpec() : ganSpec());
const layers = mapValues(networks, network => writtenList(network.layers));
console.log(JSON.stringify({ ...spec, classes: classes.length, networks: layers }));
