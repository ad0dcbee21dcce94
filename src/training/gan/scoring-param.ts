import { Type, type Static } from 'typebox';
import { SCORE_NAMES, type ScoreName } from '../../scores/catalogue.ts';

/** The parameter `evaluate` of the stage `train`. */
export const scoringParam = Type.Optional(
  Type.Object(
    {
      every: Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        default: 5000,
        description: 'Iterations between two evaluations; the last iteration is scored as well.',
      }),
      count: Type.Integer({
        minimum: 2,
        maximum: 1_000_000,
        default: 2000,
        description: 'Pictures to draw for each: fewer are quicker, and their scores are less certain.',
      }),
      keep: Type.Unsafe<ScoreName>(
        Type.Union(
          SCORE_NAMES.map(name => Type.Literal(name)),
          { default: 'kid', description: 'The score by which the best generator is kept.' },
        ),
      ),
    },
    {
      additionalProperties: false,
      description:
        'Scores the generator on the way, against the held-out pictures of an earlier `score-reference` stage, and keeps the best one as `generator-best`.',
    },
  ),
);

export type ScoringParam = NonNullable<Static<typeof scoringParam>>;
