import { AsyncLocalStorage } from 'node:async_hooks';
import { Failure } from '../../core/failure.ts';

/**
 * An uncaught error of a stage: a forgotten promise or a callback that threw. Without this class it would end the process in the
 * middle of a run.
 */
export class StrayError extends Error {
  override readonly name = 'StrayError';
  /** @param stage The stage whose code threw, if known; it may have ended. */
  constructor(
    override readonly cause: unknown,
    readonly stage: string | undefined,
  ) {
    super('an error that nobody caught');
  }
}

/** The stage whose code runs, timers and promises included. */
const origin = new AsyncLocalStorage<string>();

const neverEnds = (stage: string) =>
  new Failure({
    code: 'never-ends',
    message: `stage "${stage}" waits for what cannot happen: its promise is pending, and nothing is left that could settle it`,
    hint: 'a stage returns or throws: is there a callback that is never called, or a promise that nobody resolves?',
  });

/** Catches uncaught errors during a whole run: a timer may throw after its stage has ended. */
export class StrayErrors {
  #early: StrayError | undefined;
  #onStray: ((error: StrayError) => void) | undefined;
  #atWork = '';

  readonly #catch = (thrown: unknown) => {
    const error = new StrayError(thrown, origin.getStore());
    if (this.#onStray) this.#onStray(error);
    else this.#early ??= error;
  };

  /** Called when nothing is left that could wake this process. */
  readonly #onIdle = () => {
    this.#onStray?.(new StrayError(neverEnds(this.#atWork), undefined));
  };

  constructor() {
    process.on('uncaughtException', this.#catch).on('unhandledRejection', this.#catch);
    process.on('beforeExit', this.#onIdle);
  }

  /** The first error while no stage was running. */
  get early(): StrayError | undefined {
    return this.#early;
  }

  /** Runs a stage; the first uncaught error ends the wait for it, but not the stage itself. */
  async during<T>(stage: string, work: () => Promise<T>): Promise<T> {
    this.#atWork = stage;
    const stray = new Promise<never>((_, reject) => {
      this.#onStray = reject;
    });
    try {
      return await Promise.race([origin.run(stage, work), stray]);
    } finally {
      this.#onStray = undefined;
    }
  }

  end(): void {
    process.off('uncaughtException', this.#catch).off('unhandledRejection', this.#catch);
    process.off('beforeExit', this.#onIdle);
  }
}
