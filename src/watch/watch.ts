import { invalidPipeline } from '../config/problems.ts';
import { unreachable, type Problem } from '../core/failure.ts';
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
import type { ReadResult, WatchedPipeline } from './pipeline.ts';
import type { Reading } from './read-process.ts';
import { StoppedRuns, type Discard } from './stopped-runs.ts';
import * as words from './words.ts';

/** Milliseconds without a save before the files are read: longer than an editor's rename, shorter than a user's patience. */
const QUIET = 200;

/** Milliseconds of reading after which the user is told. */
const SLOW = 5000;

export interface WatchDeps {
  /** The pipeline file, absolute. */
  readonly path: string;
  /** The pipeline file as given, for display. */
  readonly file: string;
  readonly cwd: string;
  readonly read: (onSources: (sources: readonly string[]) => void) => Reading;
  readonly start: () => ChildRun;
  readonly discard: Discard;
  /** Shows lines while nothing runs. The text is printable, and may be coloured. */
  readonly say: (text: string) => void;
  /** Returns the text of an error. */
  readonly explain: (error: unknown) => string;
  /** Returns the text of problems with their places. */
  readonly describe: (problems: readonly Problem[]) => string;
  /** Starts to listen for the user's wish to leave; returns a function that ends this. */
  readonly listen: (leave: (exitCode: ExitCode) => void) => () => void;
}

/** Runs a pipeline, and again whenever it changes, until the user leaves. See machine.ts for its states. */
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

/** Performs the actions of the state machine. */
class Watch {
  readonly #deps: WatchDeps;
  readonly #files: FileWatcher;
  readonly #stopped: StoppedRuns;
  #step: WatchStep<WatchedPipeline> = firstStep();
  #sources: readonly string[] = [];
  #quiet: NodeJS.Timeout | undefined;
  #reading: Reading | undefined;
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

  dispatch(event: WatchEvent<WatchedPipeline>): void {
    this.#step = nextStep(this.#step.state, event, describeChanges);
    this.#perform(this.#step);
  }

  #perform({ actions }: WatchStep<WatchedPipeline>): void {
    for (const action of actions) this.#act(action);
  }

  #act(action: WatchAction<WatchedPipeline>): void {
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
      case 'abandon-load':
        this.#abandonLoad();
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
        this.#abandonLoad();
        this.#exit(action.exitCode);
        return;
      default:
        unreachable(action);
    }
  }

  /** Shows a text: in the display of the run while there is one. */
  #say(text: string): void {
    if (this.#run === undefined) this.#deps.say(text);
    else this.#run.note(text);
  }

  async #load(): Promise<void> {
    const readAt = Date.now();
    const reading = this.#deps.read(sources => {
      if (this.#reading === reading) void this.#watch([...this.#sources, ...sources], readAt);
    });
    this.#reading = reading;
    const slow = setTimeout(() => {
      this.#say(words.slow(this.#deps.file));
    }, SLOW);
    let event: WatchEvent<WatchedPipeline>;
    try {
      event = await this.#eventOf(await reading.result, readAt);
    } catch (error) {
      event = { type: 'rejected', failure: error };
    } finally {
      clearTimeout(slow);
    }
    if (this.#reading !== reading) return;
    this.#reading = undefined;
    this.dispatch(event);
  }

  async #eventOf(result: ReadResult, readAt: number): Promise<WatchEvent<WatchedPipeline>> {
    // While a file is broken, it may be fixed by edits of files that it named before.
    await this.#watch(result.ok ? result.sources : [...this.#sources, ...result.sources], readAt);
    if (!result.ok) return { type: 'rejected', failure: invalidPipeline(this.#deps.file, result.problems) };
    const { warnings } = result.pipeline;
    if (warnings.length > 0) this.#say(this.#deps.describe(warnings));
    return { type: 'loaded', pipeline: result.pipeline };
  }

  #abandonLoad(): void {
    this.#reading?.abandon();
    this.#reading = undefined;
  }

  async #watch(sources: readonly string[], readAt: number): Promise<void> {
    this.#sources = [...new Set(sources)];
    await this.#files.watch([...new Set([this.#deps.path, ...this.#sources])], readAt);
  }

  async #start(pipeline: WatchedPipeline): Promise<void> {
    this.#run = this.#deps.start();
    try {
      const ended = await this.#run.ended.finally(() => {
        this.#run = undefined;
      });
      await this.#tidy(ended, pipeline);
    } catch (error) {
      this.#deps.say(this.#deps.explain(error));
    }
    this.dispatch({ type: 'ended' });
  }

  async #tidy(ended: EndedRun, pipeline: WatchedPipeline): Promise<void> {
    const isEdited = this.#step.state.next !== null;
    for (const line of await this.#stopped.tidy(ended, pipeline, isEdited)) this.#deps.say(line);
  }
}
