import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { FilesArtifact } from '../../src/core/artifacts.ts';
import type { Environment, ExperimentRecord } from '../../src/core/experiment.ts';
import type { Ports } from '../../src/core/ports.ts';
import { defineStage, type AnyStage, type StageContext } from '../../src/core/stage.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { Type } from '../../src/index.ts';
import type { Plan, PlannedStage } from '../../src/plan/plan.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { cancellation, type Cancellation } from '../../src/run/execute/cancel.ts';
import type { Caching, Decisions } from '../../src/run/decide/decision.ts';
import type { LineEnd } from '../../src/run/display/lines.ts';
import { showRun } from '../../src/run/display/show-run.ts';
import { observedBy, type Observer, type RunEvent } from '../../src/run/events.ts';
import { runPlan, type RunDeps, type RunOutcome } from '../../src/run/execute/run.ts';

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed when the test file has run. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipe-test-'));
  folders.push(folder);
  return folder;
}

/** A stage of a test: one output, `files`, unless it says otherwise. */
export interface TestStage {
  readonly id: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly metrics?: AnyStage['metrics'];
  readonly outputs?: Ports;
  readonly omitted?: PlannedStage['omitted'];
  readonly version?: number;
  readonly use?: string;
  readonly run?: (context: StageContext<unknown, Record<string, FilesArtifact>>) => unknown;
}

const files: Ports = { files: { kind: 'files', description: 'What it wrote.' } };

/** The output of a stage that wrote these files. */
export const filesIn = (dir: string, ...names: string[]): FilesArtifact => ({
  kind: 'files',
  dir,
  files: names,
});

/** A plan as src/plan would make it. */
export function planOf(stages: readonly TestStage[], name = 'tiny'): Plan {
  const planned = stages.map(plannedStage);
  return {
    pipeline: {
      name,
      seed: 7,
      file: 'tiny.yaml',
      dir: '/nowhere',
      sources: [],
      givenText: `name: ${name}\n`,
      resolvedText: `name: ${name}\nseed: 7\n`,
      stages: planned,
      warnings: [],
    },
    stages: planned,
  };
}

function plannedStage(given: TestStage): PlannedStage {
  const { id, inputs = {}, params = {}, outputs = files, version = 1, metrics } = given;
  const answer = ({ outputDir }: StageContext) => ({ files: filesIn(outputDir) });
  const stage = defineStage({
    name: id,
    version,
    summary: 'A stage of a test.',
    params: Type.Object({}),
    inputs: {},
    outputs,
    ...(metrics && { metrics }),
    run: (context =>
      Promise.resolve().then(() => (given.run ?? answer)(context as never))) as AnyStage['run'],
  });
  const location = { file: 'tiny.yaml', line: 1, column: 1, length: 1, text: '' };
  const source = (reference: string) => ({ stage: reference, output: 'files' });
  return {
    id,
    use: given.use ?? id,
    stage,
    params,
    ...(given.omitted && { omitted: given.omitted }),
    inputs,
    files: [],
    location,
    locate: () => location,
    inputLocations: {},
    bindings: Object.fromEntries(Object.entries(inputs).map(([input, from]) => [input, source(from)])),
    stageSeed: 11,
  };
}

const environment: Environment = {
  node: 'v20',
  os: 'test',
  cpu: { model: 'test', cores: 1 },
  memoryBytes: 1,
  gpus: [],
  tensorflow: null,
  packages: {},
};

/** An observer that remembers. */
export class RecordingDisplay {
  readonly events: RunEvent[] = [];
  readonly notes: string[] = [];
  readonly warnings: string[] = [];
  readonly notices: string[] = [];
  readonly progress: string[] = [];
  readonly ends = new Map<string, LineEnd>();

  readonly observe = (event: RunEvent): void => {
    this.events.push(event);
    this.#show(event);
  };

  readonly #show = showRun({
    open: () => {},
    started: () => {},
    progress: (id, { done }) => void this.progress.push(`${id} ${done}`),
    notice: (_, text) => void this.notices.push(text),
    warning: (id, text) => void this.warnings.push(`${id}: ${text}`),
    ended: (id, { status, text, ms }) => void this.ends.set(id, { status, text, ms }),
    note: text => void this.notes.push(text),
    close: () => {},
  });
}

export interface TestRun {
  readonly outcome: RunOutcome;
  readonly record: ExperimentRecord;
  readonly display: RecordingDisplay;
  /** The text of a file of the experiment. */
  readonly read: (...path: readonly string[]) => Promise<string>;
}

export interface TestRunOptions {
  readonly registry?: string;
  readonly decisions?: Decisions;
  readonly cancel?: Cancellation;
  readonly pause?: RunDeps['pause'];
  readonly caching?: Caching;
  readonly loadTensorFlow?: () => Promise<TensorFlow & { readonly notice?: string }>;
  /** The registry's folder by default. */
  readonly cwd?: string;
  readonly env?: RunDeps['env'];
  /** Gets every event, too. */
  readonly observe?: Observer;
}

/** Runs a plan in a registry of its own, or the one given, to its end. */
export async function run(plan: Plan, options: TestRunOptions = {}): Promise<TestRun> {
  const registry = openRegistry(options.registry ?? (await temporaryFolder()));
  const display = new RecordingDisplay();
  const deps: RunDeps = {
    registry,
    cancellation: options.cancel ?? cancellation(),
    loadTensorFlow: options.loadTensorFlow ?? (() => Promise.reject(new Error('no TensorFlow here'))),
    provenance: {
      command: ['pipe', 'run'],
      cwd: options.cwd ?? registry.dir,
      git: null,
      environment: { ...environment },
    },
    home: registry.dir,
    ...(options.caching && { caching: options.caching }),
    ...(options.pause && { pause: options.pause }),
    env: options.env ?? {},
  };
  const outcome = await runPlan(
    plan,
    options.decisions ?? new Map(),
    deps,
    observedBy(display.observe, options.observe ?? (() => {})),
  );
  const { record } = await registry.read(outcome.id);
  return {
    outcome,
    record,
    display,
    read: (...path) => readFile(join(outcome.dir, ...path), 'utf8'),
  };
}
