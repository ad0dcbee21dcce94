/** A stage of one's own that trains: a network learns to take noise out of pictures. Used by ../denoise.yaml. */
import {
  adam,
  Batches,
  bindImageNetwork,
  defineStage,
  drawImages,
  imageInputs,
  imageNumbers,
  losses,
  networkParam,
  networkStep,
  predict,
  Random,
  runTraining,
  saveNetwork,
  scalarInput,
  scheduleOf,
  toNumbers,
  trainingParams,
  trainingResumable,
  Type,
  withDataset,
  type TrainingTask,
} from 'pipe';

export default defineStage({
  name: 'denoise',
  version: 1,
  summary: 'Trains a network that takes noise out of pictures.',
  params: Type.Object({
    network: networkParam('From a picture to a picture of the same size.'),
    noise: Type.Number({ minimum: 0, default: 0.5, description: 'The standard deviation of the noise.' }),
    ...trainingParams,
  }),
  inputs: { dataset: { kind: 'dataset', description: 'The pictures.' } },
  outputs: { network: { kind: 'files', description: 'The trained network, a TensorFlow.js layers model.' } },
  metrics: { loss: { direction: 'min', description: 'Mean squared error of the pictures without noise.' } },
  resumable: trainingResumable,
  run: async context => {
    const { params, seed, inputs } = context;
    const { count, transform } = inputs.dataset;
    const tensorflow = await context.tensorflow();
    const network = bindImageNetwork('denoiser', params.network, inputs.dataset);
    const rate = scheduleOf(params);
    return withDataset(inputs.dataset, async dataset => {
      const noiseFor = (size: number, random: Random) => ({
        shape: [size, ...network.input],
        values: random.normals(size * dataset.imageBytes).map(value => value * params.noise),
      });
      const task: TrainingTask = {
        step: networkStep<'images' | 'noise'>(tensorflow, network, {
          seed,
          optimizer: adam(),
          loss: ({ images, noise }, pass) => {
            const clean = toNumbers(tensorflow.tf, images, transform);
            return { loss: losses.meanSquaredError(pass(clean.add(noise)), clean) };
          },
        }),
        batches: new Batches({ count, batchSize: params.batchSize, shuffle: true, seed }),
        feed: ({ iteration, indices, random }) => ({
          ...imageInputs(dataset, indices),
          noise: noiseFor(indices.length, random),
          learningRate: scalarInput(rate(iteration)),
        }),
        pictures: { samples: { stem: 'sample', isPublished: true } },
        snapshot: async weights => {
          const { shape, values } = noiseFor(4, new Random(seed));
          const noisy = imageNumbers(dataset, [0, 1, 2, 3]).map((value, at) => value + (values[at] ?? 0));
          const made = predict(tensorflow, network, weights, { shape, values: noisy });
          return { samples: await drawImages(inputs.dataset, noisy, made) };
        },
      };
      const { state } = await runTraining(context, task, params);
      return { network: await saveNetwork(context, network, state) };
    });
  },
});
