import type { ExperimentRecord, ShownStatus, StageRecord } from '../../core/experiment.ts';
import { liveness } from '../../host/process-identity.ts';

/**
 * The status that people see. An experiment that another host runs cannot be judged from here and is shown as it says:
 * running.
 */
export function shownStatus(record: ExperimentRecord): ShownStatus {
  if (record.status !== 'running') return record.status;
  return liveness(record.process) === 'gone' ? 'crashed' : 'running';
}

/** True for a stage that came to a good end, whether it ran or its outputs were taken from elsewhere. */
export const hasResult = (stage: Pick<StageRecord, 'status'> | undefined): boolean =>
  stage?.status === 'ran' || stage?.status === 'reused';
