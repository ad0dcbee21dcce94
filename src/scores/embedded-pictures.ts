import type { DatasetArtifact } from '../core/artifacts.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { StageContext } from '../core/stage.ts';
import { withExamples } from '../data/dataset.ts';
import { embedDataset } from './embeddings/embed-dataset.ts';
import type { Embedding } from './embeddings/embedding.ts';
import type { ScoredPictures } from './measure.ts';

/** Pictures of a data set with their labels. */
export interface EmbeddedPictures extends ScoredPictures {
  readonly labels: Uint8Array;
  /** Their indices in the data set, ascending. */
  readonly indices: Uint32Array;
}

/**
 * Embeds pictures of a data set, drawn at random, all of them where there are no more than `most`.
 * @param name What they are, such as `held-out pictures`
 * @throws Failure for pictures that the embedding does not take; Interrupted
 */
export const embedSome = (
  { seed, signal, emit }: Pick<StageContext, 'seed' | 'signal' | 'emit'>,
  embedding: Embedding,
  dataset: DatasetArtifact,
  most: number,
  name: string,
): Promise<EmbeddedPictures> =>
  withExamples(dataset, async examples => {
    const indices = new Random(deriveSeed(seed, name)).permutation(dataset.count).slice(0, most).sort();
    const onProgress = (done: number, total: number) => {
      emit({ type: 'progress', done, total, unit: 'pictures', text: name });
    };
    const { features, probabilities } = await embedDataset(embedding, examples, {
      indices,
      signal,
      onProgress,
    });
    return {
      features: { name, values: features, count: indices.length, width: embedding.width },
      probabilities,
      labels: Uint8Array.from(indices, index => examples.labels[index] as number),
      indices,
    };
  });

/** Some of the pictures, by their places among them. */
export function somePictures(
  { features, probabilities, labels }: Omit<EmbeddedPictures, 'indices'>,
  places: Uint32Array,
  name: string,
): ScoredPictures & { readonly labels: Uint8Array } {
  const rowsOf = (values: Float32Array) => {
    const width = values.length / labels.length;
    const rows = new Float32Array(places.length * width);
    places.forEach((place, at) => {
      rows.set(values.subarray(place * width, (place + 1) * width), at * width);
    });
    return rows;
  };
  return {
    features: { name, values: rowsOf(features.values), count: places.length, width: features.width },
    probabilities: rowsOf(probabilities),
    labels: Uint8Array.from(places, place => labels[place] as number),
  };
}
