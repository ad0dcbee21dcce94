import { Type, type Static } from 'typebox';
import { MetricSummary } from './record/metric-summary.ts';
import { Environment, Git, Source } from './record/origin-record.ts';
import { ByName, checksum, FileRecord, nullable } from './record/schema-parts.ts';
import { StageRecord } from './record/stage-record.ts';
import { TrialRecord } from './record/trial-record.ts';

export { Environment, FileRecord, MetricSummary, StageRecord, TrialRecord };
export { StageDocument } from './record/stage-record.ts';

/** The version of the experiment record; raised when its meaning changes. */
export const EXPERIMENT_SCHEMA_VERSION = 1;

export const ExperimentStatus = Type.Union(
  [Type.Literal('running'), Type.Literal('finished'), Type.Literal('failed'), Type.Literal('interrupted')],
  { description: 'As written. A reader shows `crashed` for `running` when the process is gone.' },
);

const ArtifactRecord = Type.Object({ ...FileRecord.properties, stage: Type.String() });

export const ExperimentRecord = Type.Object(
  {
    schemaVersion: Type.Literal(EXPERIMENT_SCHEMA_VERSION),
    id: Type.String({ pattern: '^exp-[1-9][0-9]*$' }),
    pipeline: Type.Object({
      name: Type.String(),
      file: Type.String({ description: 'As given on the command line.' }),
      sha256: Type.String({ description: 'Of pipeline.yaml.' }),
      resolvedSha256: Type.String({ description: 'Of resolved.yaml.' }),
    }),
    status: ExperimentStatus,
    seed: Type.Integer(),
    createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
    endedAt: nullable(Type.String()),
    ms: nullable(Type.Number({ description: 'Duration in milliseconds.' })),
    process: Type.Object({
      pid: Type.Integer(),
      startTime: Type.String({ description: 'The process’s start, as the operating system counts it.' }),
      host: Type.String(),
      machine: Type.Optional(Type.String({ description: 'Hash of the machine’s id, where it has one.' })),
    }),
    parameters: ByName(Type.Unknown(), {
      description:
        'Every parameter of every stage, by dotted name: `train.learningRate`. The value of a secret environment variable is recorded as its reference, `${env.API_TOKEN}`.',
    }),
    stages: Type.Array(StageRecord),
    metrics: ByName(MetricSummary),
    metricsRead: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Bytes of metrics.jsonl that the summaries cover, while the experiment runs.',
      }),
    ),
    artifacts: Type.Array(ArtifactRecord),
    metricsFile: Type.Optional(
      Type.Object(
        { bytes: Type.Integer(), sha256: Type.String() },
        { description: 'metrics.jsonl, once the experiment has ended.' },
      ),
    ),
    command: Type.Array(Type.String(), { description: 'Without what looks like a secret.' }),
    cwd: Type.String(),
    git: nullable(Git),
    gitRefused: Type.Optional(Type.String({ description: 'Why git could not read the repository.' })),
    source: Type.Optional(Source),
    environment: Environment,
    failure: nullable(
      Type.Object({
        stage: nullable(Type.String()),
        code: Type.String(),
        message: Type.String(),
        hint: nullable(Type.String()),
      }),
    ),
    range: Type.Optional(
      Type.Object(
        {
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          force: Type.Optional(Type.Boolean()),
          forceStages: Type.Optional(Type.Array(Type.String())),
        },
        { description: 'Which part of the pipeline was to run, as the command line had it.' },
      ),
    ),
    parent: nullable(Type.String({ description: 'The experiment whose training this one extends.' })),
    reproduces: Type.Optional(
      Type.String({ description: 'The experiment that this one runs again, to compare the two.' }),
    ),
    sweep: Type.Optional(TrialRecord),
    resumes: Type.Optional(
      Type.Array(
        Type.Object({
          at: Type.String({ description: 'ISO 8601, UTC.' }),
          ms: Type.Number({ description: 'Milliseconds that it had run before.' }),
          command: Type.Array(Type.String()),
          previous: Type.Optional(
            Type.Object(
              {
                status: Type.Union([
                  Type.Literal('interrupted'),
                  Type.Literal('failed'),
                  Type.Literal('crashed'),
                  Type.Literal('superseded'),
                ]),
                pid: Type.Integer(),
                host: Type.String(),
              },
              {
                description:
                  'How the previous attempt ended: `superseded` where its process could not be seen and --force took over the experiment.',
              },
            ),
          ),
          git: Type.Optional(nullable(Git)),
          source: Type.Optional(Source),
          environment: Type.Optional(Environment),
        }),
        {
          description:
            'Each time that it was resumed; with commit, sources and environment where they differ from before. Their files are in `source/resume-1/`, and so on.',
        },
      ),
    ),
    checksum,
  },
  { title: 'A pipe experiment', description: 'experiments/exp-N/experiment.json' },
);

export type ExperimentRecord = Static<typeof ExperimentRecord>;

/** The status shown: `crashed` stands for `running` where the process is gone. */
export type ShownStatus = Static<typeof ExperimentStatus> | 'crashed';
