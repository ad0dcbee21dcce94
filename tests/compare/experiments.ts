import type { MetricSummary } from '../../src/core/experiment.ts';
import type { ComparedExperiment } from '../../src/compare/table.ts';

export function metric(last: number, changes: Partial<MetricSummary> = {}): MetricSummary {
  const numbers = { count: 10, step: 10, last, min: last, max: last, minStep: 4, maxStep: 7, tailMean: last };
  return { stage: 'train', description: '', direction: 'none', unit: null, ...numbers, ...changes };
}

type Changes = Partial<Omit<ComparedExperiment['record'], 'status'> & Pick<ComparedExperiment, 'status'>>;

/** A finished run of a small cgan pipeline, with changes. */
export function experiment(
  number: number,
  { status = 'finished', ...changes }: Changes = {},
): ComparedExperiment {
  return {
    status,
    record: {
      schemaVersion: 1,
      id: `exp-${number}`,
      pipeline: { name: 'cgan', file: 'pipelines/cgan.yaml', sha256: 'a', resolvedSha256: 'b' },
      status: status === 'crashed' ? 'running' : status,
      seed: 42,
      createdAt: '2026-10-02T12:00:00.000Z',
      endedAt: '2026-10-02T12:04:10.000Z',
      ms: 250_000,
      process: { pid: 1, startTime: '1', host: 'host' },
      parameters: {},
      stages: [],
      metrics: {},
      artifacts: [],
      command: ['pipe', 'run', 'pipelines/cgan.yaml'],
      cwd: '/home/someone',
      git: null,
      environment: {
        node: 'v20.19.0',
        os: 'Linux',
        cpu: { model: 'CPU', cores: 2 },
        memoryBytes: 8e9,
        gpus: [],
        tensorflow: null,
        packages: {},
      },
      failure: null,
      parent: null,
      ...changes,
    },
  };
}
