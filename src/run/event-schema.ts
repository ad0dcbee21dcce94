/** The schema of a run's events, which their types derive from. See events.ts. */
import { Type, type Static, type TProperties } from 'typebox';
import { ByName, IntervalRecord, nullable, Protocol } from '../core/record/schema-parts.ts';

const event = <T extends string, P extends TProperties>(type: T, description: string, properties: P) =>
  Type.Object({ type: Type.Literal(type), ...properties }, { description });

const oneOf = <T extends string>(...values: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: values });

const stage = Type.String({ description: 'The id of the stage.' });
const experiment = Type.String({ description: 'Such as `exp-3`.' });
const ms = nullable(Type.Number({ description: 'Duration in milliseconds.' }));
const exitCode = Type.Integer({
  description: '0 fine, 1 failed, 2 wrong usage or configuration, 130 interrupted.',
});

/** NaN and the infinities, which JSON lacks, are strings. */
const Value = Type.Unsafe<number>({
  anyOf: [{ type: 'number' }, { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] }],
});

const Place = Type.Object({
  file: Type.String(),
  line: Type.Integer({ description: 'Counted from 1.' }),
  column: Type.Integer({ description: 'Counted from 1.' }),
  length: Type.Integer({ description: 'Characters to mark.' }),
  text: Type.String({ description: 'The line.' }),
});

const ProblemDetail = Type.Object({
  code: Type.String(),
  severity: Type.Optional(Type.Literal('warning')),
  message: Type.String(),
  location: Type.Optional(Place),
  expected: Type.Optional(Type.String()),
  found: Type.Optional(Type.String()),
  suggestion: Type.Optional(Type.String({ description: 'The nearest known name.' })),
  hint: Type.Optional(Type.String()),
});

const FailureDetail = Type.Object({
  code: Type.String({ description: 'A stable kebab-case name, such as `invalid-pipeline`.' }),
  message: Type.String(),
  details: Type.Array(Type.String()),
  hint: nullable(Type.String({ description: 'The command or action that fixes it.' })),
  problems: Type.Array(ProblemDetail, {
    description: 'All problems, each with its location where known.',
  }),
});

const level = oneOf('info', 'notice', 'warning');

const events = [
  event('claimed', 'The run has claimed or reopened an experiment.', {
    experiment,
    registry: Type.String({ description: 'The folder of the experiments, absolute.' }),
    pipeline: Type.String({ description: 'Its name.' }),
    stages: Type.Array(stage, { description: 'Every stage, in order.' }),
    resumed: Type.Boolean({ description: 'True for an experiment that had been stopped.' }),
  }),
  event('unchanged', 'Nothing runs: the result would equal that of an experiment.', { experiment }),
  event('stage-started', 'A stage begins to run. A reused or skipped stage has only `stage-ended`.', {
    stage,
    reason: nullable(Type.String({ description: 'Why it runs, such as a parameter that differs.' })),
    resumedFrom: nullable(Type.String({ description: 'The experiment whose checkpoint it resumes from.' })),
  }),
  event(
    'progress',
    'Progress of a stage, at most ten events a second for each stage; the last one is never left out.',
    {
      stage,
      done: Type.Number(),
      total: Type.Optional(Type.Number({ description: 'Absent while it is not known.' })),
      unit: Type.String({ description: 'The unit counted: `iterations`, `images`, `bytes`.' }),
      text: Type.Optional(Type.String()),
    },
  ),
  event('metric', 'Values measured at one step, as in metrics.jsonl of the experiment.', {
    stage,
    step: Type.Integer(),
    epoch: Type.Optional(Type.Number()),
    values: ByName(Value),
    protocol: Type.Optional(
      Protocol('How the values were measured; those of two protocols are never compared.'),
    ),
    intervals: Type.Optional(
      ByName(IntervalRecord('95 % interval of a value'), { description: 'Of some of the values.' }),
    ),
  }),
  event('log', 'Text of a stage, as in its log.txt, and warnings about it.', {
    stage,
    level,
    text: Type.String(),
  }),
  event('published', 'A file or folder is in its place under `artifacts/<stage>/`.', {
    stage,
    path: Type.String({ description: 'Relative to the output folder of the stage.' }),
  }),
  event('checkpoint', 'The metrics so far are on disk; the stage keeps a state to resume from.', {
    stage,
    first: Type.Boolean({ description: 'True for the first one of a stage that was not resumed.' }),
    stopping: Type.Boolean({ description: 'True once the run has been asked to stop.' }),
  }),
  event('stage-ended', 'The end of a stage has been recorded.', {
    stage,
    status: oneOf('ran', 'reused', 'skipped', 'failed', 'interrupted'),
    decision: oneOf('run', 'cache-hit', 'reuse', 'keep', 'skip'),
    reason: nullable(Type.String({ description: 'Why it was reused, skipped or failed.' })),
    report: nullable(Type.String({ description: 'The closing words of the stage.' })),
    ms,
  }),
  event(
    'stop-heard',
    'The run has heard a request to stop, and ends at the next safe point; the second one ends it at once.',
    {
      stops: Type.Integer({ description: 'Requests so far.' }),
    },
  ),
  event('metrics-drawn', 'The metrics of the experiment are drawn as a picture.', {
    path: Type.String({ description: 'Relative to the experiment.' }),
  }),
  event('run-ended', 'The run is over. Always follows `claimed`.', {
    experiment,
    status: oneOf('finished', 'failed', 'interrupted'),
    failure: nullable(FailureDetail),
    ms,
    recorded: Type.Boolean({ description: 'False where the record of the experiment could not be closed.' }),
  }),
  event('failed', 'The command failed outside of a run: nothing was claimed, or the run had ended.', {
    failure: FailureDetail,
    exitCode,
  }),
  event('note', 'Words for people that belong to no stage.', {
    level,
    text: Type.String(),
    problem: Type.Optional(ProblemDetail),
  }),
  event('output', 'A line that other code wrote to stdout or stderr: native code, a child process, Node.', {
    text: Type.String(),
  }),
  event(
    'dropped',
    'Events that were left out, as the reader was slow. They are in the experiment’s metrics.jsonl and logs.',
    {
      events: Type.Integer(),
    },
  ),
  event('exit-called', 'Something called process.exit in the process of the run before its end.', {
    exitCode: Type.Integer(),
    stack: Type.String({ description: 'From where.' }),
  }),
  event('leaving', 'The last event of the command.', { exitCode }),
] as const;

/** One event. */
export type EventOfSchema = Static<(typeof events)[number]>;

export type FailureOfSchema = Static<typeof FailureDetail>;

interface Described {
  readonly properties: TProperties;
  readonly description: string;
}

const time = Type.String({ description: 'When it was written: ISO 8601, UTC.' });

/** A line of `--progress jsonl`. */
export const eventSchema = () =>
  Type.Union(
    (events as unknown as readonly Described[]).map(({ properties, description }) =>
      Type.Object({ time, ...properties }, { description }),
    ),
    {
      title: 'A line of pipe run --progress jsonl',
      description:
        'Lines come in the order of events. When the reader lags behind by more than 1 MiB, lines of the types metric, progress, log and output are left out, and one of the type dropped says how many; no others ever are. Further types and fields may be added.',
    },
  );
