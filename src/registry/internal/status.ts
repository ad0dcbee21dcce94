import type { ExperimentRecord, ShownStatus, StageRecord } from '../../core/experiment.ts';
import { liveness } from '../../host/process-identity.ts';

/** The status to show. An experiment of another host cannot be judged from here and is shown as recorded: running. */
export function shownStatus(record: ExperimentRecord): ShownStatus {
  if (record.status !== 'running') return record.status;
  return liveness(record.process) === 'gone' ? 'crashed' : 'running';
}

/** True for a stage with outputs, whether it ran or they were reused. */
export const hasResult = (stage: Pick<StageRecord, 'status'> | undefined): boolean =>
  stage?.status === 'ran' || stage?.status === 'reused';
