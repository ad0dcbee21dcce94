import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';
import { liveness } from '../host/process-identity.ts';

/**
 * The status that people see. An experiment that another host runs cannot be judged from here and is shown as it says:
 * running.
 */
export function shownStatus(record: ExperimentRecord): ShownStatus {
  if (record.status !== 'running') return record.status;
  return liveness(record.process) === 'gone' ? 'crashed' : 'running';
}
