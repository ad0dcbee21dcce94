import { Failure } from '../core/failure.ts';
import type { StateValues, StepDefinition, StepInput } from '../core/tensorflow.ts';
import type { StepRunner } from './queued-step.ts';

/** The largest difference allowed between the compiled step and the eager one, relative to the largest value. */
const TOLERANCE = 1e-4;

/** Runs the eager step beside the compiled one, and fails at the first difference. For debugging: slow. */
export class CheckedStep implements StepRunner {
  readonly #name: string;
  readonly #state: readonly string[];
  readonly #compiled: StepRunner;
  readonly #eager: StepRunner;
  #steps = 0;

  constructor({ name, state }: StepDefinition, compiled: StepRunner, eager: StepRunner) {
    this.#name = name;
    this.#state = Object.keys(state);
    this.#compiled = compiled;
    this.#eager = eager;
  }

  async run(inputs: Readonly<Record<string, StepInput>>): Promise<StateValues> {
    this.#steps++;
    // From the same state at every step, so that rounding does not add up.
    await this.#eager.write(await this.#compiled.read(this.#state));
    const expected = await this.#eager.run(inputs);
    const outputs = await this.#compiled.run(inputs);
    this.#compare('output', outputs, expected);
    this.#compare('state', await this.#compiled.read(this.#state), await this.#eager.read(this.#state));
    return outputs;
  }

  read(names: readonly string[]): StateValues | Promise<StateValues> {
    return this.#compiled.read(names);
  }

  write(values: StateValues): void | Promise<void> {
    return this.#compiled.write(values);
  }

  async dispose(): Promise<void> {
    await this.#compiled.dispose();
    await this.#eager.dispose();
  }

  #compare(what: 'output' | 'state', found: StateValues, expected: StateValues): void {
    for (const [name, values] of Object.entries(found)) {
      const others = expected[name] as Float32Array;
      const worst = values.reduce(
        (max, value, index) => Math.max(max, Math.abs(value - (others[index] as number))),
        0,
      );
      const scale = others.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
      if (worst <= TOLERANCE * scale) continue;
      throw new Failure({
        code: 'step-differs',
        message: `Step ${this.#steps} of “${this.#name}”: the compiled ${what} “${name}” differs from the eager one by ${worst.toExponential(2)}.`,
        hint: 'The step is not a pure function of its inputs and state; see StepDefinition in src/core/tensorflow.ts.',
      });
    }
  }
}
