import { Failure, isError } from '../core/failure.ts';
import { defineStage } from '../core/stage.ts';
import { referenceParams } from '../scores/params.ts';
import { prepareReference, type ReferenceContext } from '../scores/prepare-reference.ts';
import { paramProblems, referenceOutline, referenceProblems } from '../scores/reference-problems.ts';

/** @throws Failure with the first thing that keeps pictures from being scored */
function checkInputs({ params, inputs: { dataset, training, predictor } }: ReferenceContext): void {
  const problem = referenceProblems(params, { dataset, training, predictor }).find(isError);
  if (problem !== undefined) throw new Failure({ ...problem, exitCode: 2 });
}

export default defineStage({
  name: 'score-reference',
  version: 1,
  summary:
    'Prepares held-out pictures for scores: their features, and what real pictures, class means and noise score.',
  params: referenceParams,
  inputs: {
    dataset: { kind: 'dataset', description: 'Held-out pictures, which no generator is trained on.' },
    training: {
      kind: 'dataset',
      description:
        'The pictures that generators are trained on, for copies of them and for the scores of real pictures.',
      optional: true,
      byName: true,
    },
    predictor: {
      kind: 'predictor',
      description: 'A classifier that a fit stage trained, unless `from` names an experiment that has one.',
      optional: true,
    },
  },
  outputs: { reference: { kind: 'score-reference', description: 'What pictures are scored against.' } },
  borrows: ({ from }) =>
    from === undefined ? [] : [{ input: 'predictor', experiment: from, because: ['from'] }],
  check: paramProblems,
  outline: (params, inputs) => ({
    outputs: { reference: referenceOutline(params, inputs) },
    problems: referenceProblems(params, inputs),
  }),
  async run(context) {
    checkInputs(context);
    return { reference: await prepareReference(context) };
  },
});
