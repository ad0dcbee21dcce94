/** A model of pipe's own and how its pipeline trains it, for the entries of the benchmark. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Ready-made networks that the stage `fit` trains to predict classes; all other models are GANs. */
const CLASSIFIERS = ['resnet', 'cnn', 'mlp'];

export const isClassifier = model => CLASSIFIERS.includes(model);

/**
 * Parameters of the stage `train` in the model's pipeline, defaults included, without the random changes of augmentation, which
 * the peers lack. `fakes` replaces the pipeline's own.
 */
export const trainParams = (model, fakes) =>
  stageParams(model, 'train', ['train.augment=[]', ...(fakes ? [`train.fakes=${fakes}`] : [])]);

/** Parameters of the stage `fit` in the classifier's pipeline with one of the ready-made networks, defaults and augmentation included. */
export const fitParams = network =>
  // More iterations than the warm-up of the learning rate has.
  stageParams('classifier', 'fit', [`fit.network=${network}`, 'fit.iterations=100000']);

async function stageParams(pipeline, use, settings) {
  const { stdout } = await execa(process.execPath, [
    join(root, 'bin', 'pipe.js'),
    'validate',
    join(root, 'pipelines', `${pipeline}.yaml`),
    '--json',
    ...['vars.data=synthetic', ...settings].flatMap(setting => ['--set', setting]),
  ]);
  return JSON.parse(stdout).stages.find(stage => stage.use === use).params;
}

/** Pictures and classes like CIFAR-10's. */
const IMAGE_SHAPE = [32, 32, 3];
const CLASSES = Array.from({ length: 10 }, (_, index) => String(index));

/** A GAN's networks. `source` has the exports of src/models/gan.ts. */
export function bindModel({ bindGan, builtInGan }, model) {
  const { latent, generator, discriminator } = builtInGan(join(root, 'src'), model);
  const gan = bindGan({
    latentDim: latent,
    imageShape: IMAGE_SHAPE,
    classes: CLASSES,
    generator,
    discriminator,
  });
  return { latent, classes: CLASSES, gan };
}

/** A classifier's network. `source` has the exports of src/models/predictor.ts. */
export function bindClassifier({ bindPredictor, builtInPredictor }, model) {
  const { network } = builtInPredictor(join(root, 'src'), model);
  const prediction = { input: IMAGE_SHAPE, outputs: CLASSES.length, isRegression: false };
  return { classes: CLASSES, network: bindPredictor(network, prediction) };
}
