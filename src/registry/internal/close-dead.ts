import type { ExperimentRecord } from '../../core/experiment.ts';
import { readExperiment } from './find.ts';
import { metricName } from '../../core/metric-name.ts';
import { declarationIn } from './metric-summary.ts';
import { msBefore } from './reopen.ts';
import { shownStatus } from './status.ts';
import { stagingFolder } from '../../storage/staging.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import { takeOver } from './take-over.ts';
import { Writer } from './writer.ts';
import type { Death, MetricDeclarations } from '../writing.ts';

/**
 * Closes the record of an experiment whose process ended before it could, unless another process has it. Returns the stage that
 * was running.
 */
export async function closeDead(registry: string, id: string, death: Death): Promise<string | null> {
  const { dir, record } = await readExperiment(registry, id);
  const stage = record.stages.find(({ status }) => status === 'running')?.id ?? null;
  const isLeft = (current: ExperimentRecord) =>
    current.process.pid === death.pid && shownStatus(current) === 'crashed';
  if (!isLeft(record)) return stage;
  const staging = stagingFolder(registry);
  const attempt = onStorage('write', dir, () =>
    takeOver(dir, staging, owner => {
      throw new Error(`${id} is already taken over by process ${owner.pid}`);
    }),
  );
  const { record: current } = await readExperiment(registry, id);
  if (!isLeft(current)) {
    attempt.release();
    return stage;
  }
  const ms = onStorage('read', dir, () => msBefore(dir, current, attempt.previous));
  const declarations = declarationsIn(current);
  const reopened = { dir, attempt, record: current, ms, declarations, kept: [], command: [] };
  const writer = new Writer({ dir, attempt, record: current }, staging, undefined, reopened);
  const failure = death.failure(stage);
  if (stage !== null && failure !== null) writer.log(stage, `${failure.message}\n`);
  await writer.finish(death.status, failure);
  return stage;
}

/** Declarations of the stages' metrics. */
function declarationsIn({ metrics }: ExperimentRecord): Record<string, MetricDeclarations> {
  const declarations: Record<string, Record<string, MetricDeclarations[string]>> = {};
  for (const [name, summary] of Object.entries(metrics)) {
    const { stage } = summary;
    (declarations[stage] ??= {})[metricName(name, stage)] = declarationIn(summary);
  }
  return declarations;
}
