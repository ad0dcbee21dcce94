/** The part of a record that makes an experiment a trial of a sweep. */
import { Type, type Static } from 'typebox';

export const TrialRecord = Type.Object(
  {
    id: Type.String({ pattern: '^sweep-[1-9][0-9]*$', description: 'The sweep.' }),
    point: Type.Integer({
      minimum: 1,
      description: 'The number of the point: its choice of parameter values.',
    }),
    repeat: Type.Integer({ minimum: 1, description: 'The number of the repeat of this point.' }),
  },
  { description: 'The trial of a sweep that this experiment is.' },
);

export type TrialRecord = Static<typeof TrialRecord>;
