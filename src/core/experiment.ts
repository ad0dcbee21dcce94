import { Type, type Static, type TSchema } from 'typebox';

/** The version of the experiment record; raised when its meaning changes. */
export const EXPERIMENT_SCHEMA_VERSION = 1;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Values by any name. TypeBox's own Record takes no notice of names with line ends in them. */
const ByName = <T extends TSchema>(schema: T, options: { readonly description?: string } = {}) =>
  Type.Unsafe<Record<string, Static<T>>>({ ...options, type: 'object', additionalProperties: schema });

export const ExperimentStatus = Type.Union(
  [Type.Literal('running'), Type.Literal('finished'), Type.Literal('failed'), Type.Literal('interrupted')],
  { description: 'As written. A reader shows `crashed` for `running` when the process is gone.' },
);

const StageStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('running'),
  Type.Literal('ran'),
  Type.Literal('reused'),
  Type.Literal('skipped'),
  Type.Literal('failed'),
  Type.Literal('interrupted'),
]);

/** A number in memory. JSON has no NaN and no infinities: on disk they are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
const MetricNumber = (description: string) =>
  Type.Unsafe<number>({
    description,
    anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }],
  });

const StageProgress = Type.Object({
  done: Type.Number(),
  total: nullable(Type.Number()),
  unit: Type.String({ description: 'What is counted: `iterations`, `images`, `bytes`.' }),
});

const StageRecord = Type.Object({
  id: Type.String(),
  use: Type.String({ description: 'The stage, or the path of the user’s stage file.' }),
  version: Type.Integer(),
  status: StageStatus,
  startedAt: nullable(Type.String()),
  ms: nullable(Type.Number({ description: 'Duration in milliseconds.' })),
  report: nullable(Type.String({ description: 'The closing words of the stage.' })),
  reason: nullable(Type.String({ description: 'Why it was skipped, reused or failed.' })),
  progress: Type.Optional(StageProgress),
  fingerprint: Type.Optional(
    Type.String({
      description:
        'Of everything that the outputs depend on, from its beginning on; equal fingerprints, equal stages. Absent where that is not known.',
    }),
  ),
  code: Type.Optional(Type.String({ description: 'Hash of its code when it began.' })),
  backend: Type.Optional(
    Type.String({
      description: 'Which TensorFlow it comes from: its own, or that of a stage that it follows.',
    }),
  ),
  resumedFrom: Type.Optional(
    Type.String({ description: 'Another experiment, from whose checkpoint it was resumed.' }),
  ),
  variables: Type.Optional(
    ByName(nullable(Type.String()), {
      description:
        'Environment variables that it read, or a stage that it follows: a hash of each value, null for one that was not set.',
    }),
  ),
  unseeded: Type.Optional(
    Type.Array(
      Type.Object({
        source: Type.String({ description: '`Math.random`, `crypto.randomUUID`, `tf dropout`.' }),
        calls: Type.Integer(),
        at: Type.Optional(Type.String({ description: 'The first line of the user’s code that drew.' })),
      }),
      { description: 'What it drew from generators that no seed fixes.' },
    ),
  ),
  data: Type.Optional(
    Type.Array(
      Type.Object({
        path: Type.String(),
        digest: Type.String({
          description: 'sha256 of a file; of a folder, over the names and hashes of its files.',
        }),
      }),
      { description: 'The files and folders that it was to read, by content. They are not copied.' },
    ),
  ),
});

export const MetricSummary = Type.Object({
  stage: Type.String(),
  description: Type.String(),
  direction: Type.Union([Type.Literal('min'), Type.Literal('max'), Type.Literal('none')]),
  unit: nullable(Type.String()),
  count: Type.Integer(),
  step: Type.Integer({ description: 'The step of the last point.' }),
  last: MetricNumber('Value of the last point.'),
  min: MetricNumber('Over all points but NaN.'),
  max: MetricNumber('Over all points but NaN.'),
  minStep: Type.Optional(Type.Integer({ description: 'The first step that had the smallest value.' })),
  maxStep: Type.Optional(Type.Integer({ description: 'The first step that had the largest value.' })),
  steps: Type.Optional(
    Type.Literal('any', { description: 'Its stage measured a step that was not above the one before.' }),
  ),
  tailMean: MetricNumber('Mean over the last tenth of the points, at least one and at most 10,000.'),
  measuresTime: Type.Optional(Type.Boolean({ description: 'A speed or a duration: differs in every run.' })),
});

const FileRecord = Type.Object({
  path: Type.String({ description: 'Relative to the experiment’s folder, with forward slashes.' }),
  bytes: Type.Integer(),
  sha256: Type.String(),
});

const ArtifactRecord = Type.Object({ ...FileRecord.properties, stage: Type.String() });

const checksum = Type.Optional(
  Type.String({ description: 'sha256 of everything else here, as JSON without spaces.' }),
);

const Git = Type.Object({
  commit: Type.String(),
  branch: nullable(Type.String()),
  dirty: Type.Boolean({ description: 'Tracked files differed from the commit.' }),
  changedFiles: Type.Optional(Type.Integer({ description: 'How many did.' })),
  patch: Type.Optional(
    Type.Object(FileRecord.properties, {
      description: 'How they differed, for `git apply`: `source/changes.patch`.',
    }),
  ),
  patchLeftOut: Type.Optional(Type.String({ description: 'Why there is no patch, though files differed.' })),
});

const Source = Type.Object(
  {
    root: Type.String({ description: 'The top folder of the working tree; without git the working folder.' }),
    files: Type.Array(
      Type.Object({
        ...FileRecord.properties,
        path: Type.String({
          description: 'Relative to `root`, with forward slashes; absolute outside of it.',
        }),
        copy: Type.Optional(
          Type.String({
            description:
              'Where the experiment has it, as neither the commit nor the patch does: `source/files/…`.',
          }),
        ),
        leftOut: Type.Optional(Type.String({ description: 'Why there is no copy, though one is needed.' })),
      }),
      {
        description:
          'The pipeline file, those that it extends and includes, and users’ stages with their imports.',
      },
    ),
    lockfile: Type.Optional(
      Type.Object(
        { path: Type.String(), sha256: Type.String() },
        { description: 'The package manager’s, nearest to the working folder.' },
      ),
    ),
  },
  { description: 'What the pipeline and its stages were read from.' },
);

const Environment = Type.Object({
  node: Type.String(),
  os: Type.String(),
  cpu: Type.Object({
    model: Type.String(),
    cores: Type.Integer({ description: 'Those that the process may run on.' }),
    threads: Type.Optional(
      Type.Integer({ description: 'For computing: fewer than cores under a quota, or as the user says.' }),
    ),
  }),
  memoryBytes: Type.Integer(),
  gpus: Type.Array(Type.String()),
  tensorflow: nullable(Type.Object({ kind: Type.String(), version: Type.String() })),
  packages: ByName(Type.String()),
  pipe: Type.Optional(
    Type.Object(
      { version: Type.String(), commit: nullable(Type.String()), dirty: Type.Boolean() },
      { description: 'pipe itself; the commit is known where it runs from a checkout.' },
    ),
  ),
  variables: Type.Optional(
    ByName(Type.String(), {
      description: 'Environment variables that matter to results, and those that the pipeline reads.',
    }),
  ),
  withheld: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Names of such variables whose values are not recorded, as they look like secrets.',
    }),
  ),
});

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
        'Every parameter of every stage, by dotted name: `train.learningRate`. One that a secret of the environment gives is its reference, `${env.API_TOKEN}`.',
    }),
    stages: Type.Array(StageRecord),
    metrics: ByName(MetricSummary),
    metricsRead: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Bytes of metrics.jsonl that the summaries are of, while the experiment runs.',
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
    gitRefused: Type.Optional(
      Type.String({ description: 'Why git said nothing of a repository that is there.' }),
    ),
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
                  'How the attempt before it ended: `superseded` where its process could not be seen and --force took the experiment from it.',
              },
            ),
          ),
          git: Type.Optional(nullable(Git)),
          source: Type.Optional(Source),
          environment: Type.Optional(Environment),
        }),
        {
          description:
            'Each time that it was resumed; with commit, sources and environment where they were others than before. Their files are in `source/resume-1/`, and so on.',
        },
      ),
    ),
    checksum,
  },
  { title: 'A pipe experiment', description: 'experiments/exp-N/experiment.json' },
);

/** `stages/<id>/stage.json`. */
export const StageDocument = Type.Object({
  ...StageRecord.properties,
  outputs: ByName(Type.Unknown(), {
    description: 'With folders relative to the experiment.',
  }),
  files: Type.Optional(
    Type.Array(FileRecord, { description: 'Every file of the output folder when the stage ended.' }),
  ),
  checksum,
});

export type ExperimentRecord = Static<typeof ExperimentRecord>;
export type StageRecord = Static<typeof StageRecord>;
export type StageDocument = Static<typeof StageDocument>;
export type FileRecord = Static<typeof FileRecord>;
export type MetricSummary = Static<typeof MetricSummary>;
export type Environment = Static<typeof Environment>;

/** The status that people see: `crashed` is a `running` whose process is gone. */
export type ShownStatus = Static<typeof ExperimentStatus> | 'crashed';
