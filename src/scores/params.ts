import { Type, type Static } from 'typebox';

/** The parameters of the stage `score-reference`. */
export const referenceParams = Type.Object(
  {
    embedding: Type.Optional(
      Type.Union([Type.Literal('cifar10'), Type.Literal('classifier'), Type.Literal('inception')], {
        description:
          'What makes features of pictures: pipe’s own classifier of CIFAR-10 (32×32, RGB), a `classifier` that a fit stage trained, or the Inception network of 2015, by which FID is published. By default the classifier where there is one, and otherwise cifar10.',
      }),
    ),
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The classifier of an earlier experiment: `exp-3`, `latest`, `latest:classifier`, or a tag.',
      }),
    ),
    graph: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: 'For inception: the file classify_image_graph_def.pb. By default it is downloaded.',
      }),
    ),
    count: Type.Integer({
      default: 10_000,
      minimum: 2,
      maximum: 1_000_000,
      description:
        'Pictures that are compared, of each side: held-out ones as far as there are so many, and generated ones.',
    }),
    searched: Type.Integer({
      default: 50_000,
      minimum: 2,
      maximum: 10_000_000,
      description:
        'Most training pictures among which copies are searched, where the input `training` is there.',
    }),
    neighbours: Type.Integer({
      default: 5,
      minimum: 1,
      maximum: 100,
      description: 'Nearest neighbours that precision, recall, density and coverage go by.',
    }),
    subsets: Type.Integer({
      default: 50,
      minimum: 2,
      maximum: 1000,
      description: 'Subsets that KID is the mean of.',
    }),
    subsetSize: Type.Integer({
      default: 1000,
      minimum: 2,
      maximum: 100_000,
      description: 'Pictures in each, or all where there are fewer.',
    }),
  },
  { additionalProperties: false },
);

export type ReferenceParams = Static<typeof referenceParams>;

/** What makes features of pictures. */
export type EmbeddingName = NonNullable<ReferenceParams['embedding']>;
