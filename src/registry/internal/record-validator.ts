import { Ajv } from 'ajv';
import { EXPERIMENT_SCHEMA_VERSION, ExperimentRecord, StageDocument } from '../../core/experiment.ts';

export const schemaVersion = EXPERIMENT_SCHEMA_VERSION;

// The schemas are ours: checking them again would cost more than a hundred records.
const ajv = new Ajv({ validateSchema: false, meta: false });

/** Whether parsed JSON is an experiment record; `errors` of the function say what is wrong. Compiled when this module loads. */
export const validateRecord = ajv.compile<ExperimentRecord>(ExperimentRecord);

/** The same for `stage.json`. */
export const validateStage = ajv.compile<StageDocument>(StageDocument);
