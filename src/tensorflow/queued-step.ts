import { Failure } from '../core/failure.ts';
import type { CompiledStep, StateValues, StepDefinition, StepInput } from '../core/tensorflow.ts';

/**
 * A step on one backend. It gets one call at a time, and none after `dispose`. Names and sizes of state are checked before.
 * Native code returns its values at once, another backend a promise of them.
 */
export interface StepRunner {
  run(inputs: Readonly<Record<string, StepInput>>): StateValues | Promise<StateValues>;
  read(names: readonly string[]): StateValues | Promise<StateValues>;
  write(values: StateValues): void | Promise<void>;
  dispose(): void | Promise<void>;
}

/** Makes a compiled step of a runner: the order of calls, the checks of state, and the end. */
export class QueuedStep implements CompiledStep {
  readonly #definition: StepDefinition;
  readonly #runner: StepRunner;
  /** Resolves when every call so far has settled. */
  #idle: Promise<unknown> = Promise.resolve();
  #disposed: Promise<void> | undefined;

  constructor(definition: StepDefinition, runner: StepRunner) {
    this.#definition = definition;
    this.#runner = runner;
  }

  run(inputs: Readonly<Record<string, StepInput>>): Promise<StateValues> {
    return this.#call('run', () => this.#runner.run(inputs));
  }

  read(names: readonly string[] = Object.keys(this.#definition.state)): Promise<StateValues> {
    return this.#call('read', () => {
      for (const name of names) this.#entry(name);
      return this.#runner.read(names);
    });
  }

  write(values: StateValues): Promise<void> {
    return this.#call('write', () => {
      for (const [name, { length }] of Object.entries(values)) this.#checkSize(name, length);
      return this.#runner.write(values);
    });
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#whenIdle(() => this.#runner.dispose());
    return this.#disposed;
  }

  async #call<T>(method: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#disposed)
      throw new Error(`The step “${this.#definition.name}” is disposed of: ${method}() comes too late.`);
    return this.#whenIdle(work);
  }

  #whenIdle<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#idle.then(work);
    this.#idle = Promise.allSettled([result]);
    return result;
  }

  #entry(name: string): StepDefinition['state'][string] {
    const { name: step, state } = this.#definition;
    const entry = state[name];
    if (entry !== undefined) return entry;
    throw new Failure({
      code: 'step-state',
      message: `The step “${step}” has no state “${name}”.`,
      hint: `Its state is: ${Object.keys(state).join(', ')}`,
    });
  }

  #checkSize(name: string, length: number): void {
    const { shape, values } = this.#entry(name);
    if (values.length === length) return;
    throw new Failure({
      code: 'step-state',
      message: `The state “${name}” of the step “${this.#definition.name}” has ${values.length} values ([${shape.join(', ')}] float32), not ${length}.`,
    });
  }
}
