import { Ajv } from 'ajv';
import { EXPERIMENT_SCHEMA_VERSION, ExperimentRecord, StageDocument } from '../../core/experiment.ts';

export const schemaVersion = EXPERIMENT_SCHEMA_VERSION;

// The schemas are pipe's own: checking them would cost more than a hundred records.
const ajv = new Ajv({ validateSchema: false, meta: false });

/** Validator of experiment records, with `errors`. Compiled when this module loads. */
export const validateRecord = ajv.compile<ExperimentRecord>(ExperimentRecord);

/** The same for `stage.json`. */
export const validateStage = ajv.compile<StageDocument>(StageDocument);
