/** A model of pipe's own and how its pipeline trains it, for the entries of the benchmark. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Parameters of the stage `train` in the model's pipeline, defaults included, without the random changes of augmentation, which
 * the peers lack. `fakes` replaces the pipeline's own.
 */
export async function trainParams(model, fakes) {
  const pipe = join(root, 'bin', 'pipe.js');
  const settings = ['vars.data=synthetic', 'train.augment=[]', ...(fakes ? [`train.fakes=${fakes}`] : [])];
  const { stdout } = await execa(process.execPath, [
    pipe,
    'validate',
    join(root, 'pipelines', `${model}.yaml`),
    '--json',
    ...settings.flatMap(setting => ['--set', setting]),
  ]);
  return JSON.parse(stdout).stages.find(({ use }) => use === 'train').params;
}

/** The model's networks for pictures and classes like CIFAR-10's. `source` has the exports of src/models/gan.ts. */
export function bindModel({ bindGan, builtInGan }, model) {
  const { latent, generator, discriminator } = builtInGan(join(root, 'src'), model);
  const classes = Array.from({ length: 10 }, (_, index) => String(index));
  const gan = bindGan({ latentDim: latent, imageShape: [32, 32, 3], classes, generator, discriminator });
  return { latent, classes, gan };
}
