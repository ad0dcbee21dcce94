import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Static, TObject } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll } from 'vitest';
import type { StageEvent } from '../../src/core/events.ts';
import { withDefinitions } from '../../src/core/json-schema.ts';
import type { InputsOf, OutputsOf, Ports } from '../../src/core/ports.ts';
import type { ExperimentLookup, StageContext, StageDefinition, StageResume } from '../../src/core/stage.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';

/** What a test may say about the world that its stage runs in; everything has a default but the inputs. */
export interface StageContextOptions<I> {
  /** The stage's id; by default its name. */
  readonly id?: string;
  readonly inputs: I;
  /** By default 1. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** By default empty: a stage under test sees nothing of the real environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By default an empty folder. */
  readonly pipelineDir?: string;
  /** `$PIPE_HOME`, by default an empty folder. */
  readonly home?: string;
  /** By default a folder made for this context, empty. */
  readonly outputDir?: string;
  /** Set for a stage that resumes from what is in `outputDir`. */
  readonly resume?: StageResume;
  readonly pauseAt?: number;
  readonly experiments?: ExperimentLookup;
  readonly tensorflow?: () => Promise<TensorFlow>;
  /** Sees every event as it is emitted, for tests that act halfway through. */
  readonly onEvent?: (event: StageEvent) => void;
}

/** A context that remembers what its stage said. */
export interface RecordedContext<P, I> extends StageContext<P, I> {
  readonly events: readonly StageEvent[];
  readonly reports: readonly string[];
}

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed when the test file has run. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipe-test-'));
  folders.push(folder);
  return folder;
}

function notGiven(what: string): never {
  throw new Error(`this test gave its stage no ${what}`);
}

const noExperiments: ExperimentLookup = {
  find: () => notGiven('experiments'),
  current: () => notGiven('experiments'),
};

/** A context in temporary folders. `params` are taken as they are; see `runStage` for defaults. */
async function stageContext<P, I>(
  params: P,
  options: StageContextOptions<I>,
): Promise<RecordedContext<P, I>> {
  const root = await temporaryFolder();
  const made = (name: string) => mkdir(join(root, name)).then(() => join(root, name));
  const events: StageEvent[] = [];
  const reports: string[] = [];
  return {
    id: options.id ?? 'stage',
    params,
    inputs: options.inputs,
    seed: options.seed ?? 1,
    signal: options.signal ?? new AbortController().signal,
    cwd: process.cwd(),
    outputDir: options.outputDir ?? (await made('output')),
    ...(options.resume && { resume: options.resume }),
    ...(options.pauseAt !== undefined && { pauseAt: options.pauseAt }),
    pipelineDir: options.pipelineDir ?? (await made('pipeline')),
    home: options.home ?? (await made('home')),
    env: options.env ?? {},
    experiments: options.experiments ?? noExperiments,
    events,
    reports,
    emit(event) {
      events.push(event);
      options.onEvent?.(event);
    },
    report: text => void reports.push(text),
    tensorflow: options.tensorflow ?? (() => notGiven('tensorflow')),
  };
}

/** Runs a stage the way the runner does: defaults filled in, parameters checked against its schema. */
export async function runStage<P extends TObject, I extends Ports, O extends Ports>(
  stage: StageDefinition<P, I, O>,
  params: Partial<Static<P>>,
  options: StageContextOptions<InputsOf<I>>,
): Promise<{
  readonly outputs: OutputsOf<O>;
  readonly context: RecordedContext<Static<P>, InputsOf<I>>;
}> {
  const filled: unknown = Value.Default(stage.params, structuredClone(params));
  const schema = withDefinitions(stage.params) as unknown as P;
  if (!Value.Check(schema, filled)) {
    const problems = Value.Errors(schema, filled).map(error => `${error.instancePath} ${error.message}`);
    throw new Error(`${stage.name} does not take these parameters: ${problems.join('; ')}`);
  }
  const context = await stageContext(filled, { id: stage.name, ...options });
  return { outputs: await stage.run(context), context };
}
