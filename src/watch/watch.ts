import { invalidPipeline } from '../config/problems.ts';
import { unreachable, type Problem } from '../core/failure.ts';
import type { LoadPlanResult } from '../plan/load-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { describeChanges } from './changes.ts';
import type { ChildRun, EndedRun } from './child-run.ts';
import { openFileWatcher, type FileWatcher } from './files.ts';
import {
  firstStep,
  nextStep,
  type ExitCode,
  type WatchAction,
  type WatchEvent,
  type WatchStep,
} from './machine.ts';
import { StoppedRuns, type Discard } from './stopped-runs.ts';
import * as words from './words.ts';

/** Milliseconds without a save before the files are read: longer than an editor's rename, shorter than patience. */
const QUIET = 200;

export interface WatchDeps {
  /** The pipeline file, absolute. */
  readonly path: string;
  /** The same as given, for people. */
  readonly file: string;
  readonly cwd: string;
  readonly load: () => Promise<LoadPlanResult>;
  readonly start: () => ChildRun;
  readonly discard: Discard;
  /** Shows a line or more while nothing runs. Whatever is shown is printable, and perhaps coloured. */
  readonly say: (text: string) => void;
  /** What went wrong, in words. */
  readonly explain: (error: unknown) => string;
  /** Problems with their places. */
  readonly describe: (problems: readonly Problem[]) => string;
  /** Starts to listen for the user's wish to leave; returns a function that ends this. */
  readonly listen: (leave: (exitCode: ExitCode) => void) => () => void;
}

/** Runs a pipeline, and again whenever it changes, until the user leaves. machine.ts shows what happens when. */
export async function watchPipeline(deps: WatchDeps): Promise<ExitCode> {
  const files = openFileWatcher(() => {
    watch.dispatch({ type: 'saved' });
  });
  const watch = new Watch(deps, files);
  await files.watch([deps.path]);
  const stopListening = deps.listen(exitCode => {
    watch.dispatch({ type: 'leave', exitCode });
  });
  try {
    return await watch.toEnd();
  } finally {
    stopListening();
    await files.close();
  }
}

/** Does what the state machine says. */
class Watch {
  readonly #deps: WatchDeps;
  readonly #files: FileWatcher;
  readonly #stopped: StoppedRuns;
  #step: WatchStep<Plan> = firstStep();
  #sources: readonly string[] = [];
  #quiet: NodeJS.Timeout | undefined;
  #run: ChildRun | undefined;
  #exit: (exitCode: ExitCode) => void = () => {};

  constructor(deps: WatchDeps, files: FileWatcher) {
    this.#deps = deps;
    this.#files = files;
    this.#stopped = new StoppedRuns(deps.discard);
  }

  toEnd(): Promise<ExitCode> {
    return new Promise(resolve => {
      this.#exit = resolve;
      this.#perform(this.#step);
    });
  }

  dispatch(event: WatchEvent<Plan>): void {
    this.#step = nextStep(this.#step.state, event, (before, after) =>
      describeChanges(before.pipeline, after.pipeline, this.#deps.cwd),
    );
    this.#perform(this.#step);
  }

  #perform({ actions }: WatchStep<Plan>): void {
    for (const action of actions) this.#act(action);
  }

  #act(action: WatchAction<Plan>): void {
    const { file, explain } = this.#deps;
    const { run, leaving } = this.#step.state;
    switch (action.type) {
      case 'wait':
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(() => {
          this.dispatch({ type: 'quiet' });
        }, QUIET);
        return;
      case 'load':
        void this.#load();
        return;
      case 'start':
        void this.#start(action.pipeline);
        return;
      case 'stop':
        this.#say(leaving === null ? words.stoppingForChange : words.stoppingToLeave);
        this.#run?.stop();
        return;
      case 'stop-now':
        this.#run?.stop();
        return;
      case 'show-failure':
        this.#say([explain(action.failure), words.afterFailure(file, run)].join('\n'));
        return;
      case 'show-changes':
        this.#say(words.changed(file, action.changes));
        return;
      case 'show-unchanged':
        this.#say(words.unchanged(file, run));
        return;
      case 'show-watching':
        this.#say(words.watching(file));
        return;
      case 'exit':
        clearTimeout(this.#quiet);
        this.#exit(action.exitCode);
        return;
      default:
        unreachable(action);
    }
  }

  /** A run draws its own display, so that what is to be said while it lasts is said there. */
  #say(text: string): void {
    if (this.#run === undefined) this.#deps.say(text);
    else this.#run.note(text);
  }

  async #load(): Promise<void> {
    let event: WatchEvent<Plan>;
    const readAt = Date.now();
    try {
      const result = await this.#deps.load();
      await this.#watch(result, readAt);
      if (result.ok) this.#warn(result.plan.pipeline.warnings);
      event = result.ok
        ? { type: 'loaded', pipeline: result.plan }
        : { type: 'rejected', failure: invalidPipeline(this.#deps.file, result.problems) };
    } catch (error) {
      event = { type: 'rejected', failure: error };
    }
    this.dispatch(event);
  }

  #warn(warnings: readonly Problem[]): void {
    if (warnings.length > 0) this.#say(this.#deps.describe(warnings));
  }

  /** While a file is broken, what it named before may be where it is mended. */
  async #watch(result: LoadPlanResult, readAt: number): Promise<void> {
    this.#sources = result.ok
      ? result.plan.pipeline.sources
      : [...new Set([...this.#sources, ...result.sources])];
    await this.#files.watch([...new Set([this.#deps.path, ...this.#sources])], readAt);
  }

  async #start(plan: Plan): Promise<void> {
    this.#run = this.#deps.start();
    try {
      const ended = await this.#run.ended.finally(() => {
        this.#run = undefined;
      });
      await this.#tidy(ended, plan);
    } catch (error) {
      this.#deps.say(this.#deps.explain(error));
    }
    this.dispatch({ type: 'ended' });
  }

  async #tidy(ended: EndedRun, plan: Plan): Promise<void> {
    const isEdited = this.#step.state.next !== null;
    for (const line of await this.#stopped.tidy(ended, plan, isEdited)) this.#deps.say(line);
  }
}
