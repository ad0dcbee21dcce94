import { Type, type Static } from 'typebox';
import { IntervalRecord, nullable, Protocol } from './schema-parts.ts';

/** A number in memory. JSON has no NaN and no infinities: on disk they are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
const MetricNumber = (description: string) =>
  Type.Unsafe<number>({
    description,
    anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }],
  });

export const MetricSummary = Type.Object({
  stage: Type.String(),
  description: Type.String(),
  direction: Type.Union([Type.Literal('min'), Type.Literal('max'), Type.Literal('none')]),
  unit: nullable(Type.String()),
  count: Type.Integer(),
  step: Type.Integer({ description: 'The step of the last point.' }),
  last: MetricNumber('Value of the last point.'),
  min: MetricNumber('Over all points but NaN.'),
  max: MetricNumber('Over all points but NaN.'),
  minStep: Type.Optional(Type.Integer({ description: 'The first step that had the smallest value.' })),
  maxStep: Type.Optional(Type.Integer({ description: 'The first step that had the largest value.' })),
  steps: Type.Optional(
    Type.Literal('any', { description: 'Its stage logged a step that was not above the previous one.' }),
  ),
  tailMean: MetricNumber('Mean over the last tenth of the points, at least one and at most 10,000.'),
  protocol: Type.Optional(
    Protocol('How its values were measured; those of two protocols are never compared.'),
  ),
  interval: Type.Optional(IntervalRecord('95 % interval of the last value')),
  minInterval: Type.Optional(IntervalRecord('95 % interval of the smallest value')),
  maxInterval: Type.Optional(IntervalRecord('95 % interval of the largest value')),
  measuresTime: Type.Optional(Type.Boolean({ description: 'A speed or a duration: differs in every run.' })),
});

export type MetricSummary = Static<typeof MetricSummary>;
