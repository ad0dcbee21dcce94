import { Ajv } from 'ajv';
import { EXPERIMENT_SCHEMA_VERSION, ExperimentRecord } from '../core/experiment.ts';

export const schemaVersion = EXPERIMENT_SCHEMA_VERSION;

/** Whether parsed JSON is an experiment record; `errors` of the function say what is wrong. Compiled when this module loads. */
export const validateRecord =
  // The schema is ours: checking it again would cost more than a hundred records.
  new Ajv({ validateSchema: false, meta: false }).compile<ExperimentRecord>(ExperimentRecord);
