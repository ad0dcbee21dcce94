import { Failure } from '../core/failure.ts';
import type { CompiledStep, StepInput } from '../core/tensorflow.ts';

/** The largest relative difference that a compiled step may show beside the eager one. */
const TOLERANCE = 1e-4;

/** Runs the eager step beside the compiled one, and stops at the first difference. For debugging: slow. */
export class CheckedStep implements CompiledStep {
  readonly #name: string;
  readonly #compiled: CompiledStep;
  readonly #eager: CompiledStep;
  #steps = 0;

  constructor(name: string, compiled: CompiledStep, eager: CompiledStep) {
    this.#name = name;
    this.#compiled = compiled;
    this.#eager = eager;
  }

  run(inputs: Readonly<Record<string, StepInput>>): Readonly<Record<string, Float32Array>> {
    this.#steps++;
    // From the same state at every step, so that rounding does not add up.
    this.#eager.write(this.#compiled.read());
    const expected = this.#eager.run(inputs);
    const outputs = this.#compiled.run(inputs);
    this.#compare('output', outputs, expected);
    this.#compare('state', this.#compiled.read(), this.#eager.read());
    return outputs;
  }

  read(names?: readonly string[]): Readonly<Record<string, Float32Array>> {
    return this.#compiled.read(names);
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    this.#compiled.write(values);
  }

  dispose(): void {
    this.#compiled.dispose();
    this.#eager.dispose();
  }

  #compare(
    what: string,
    found: Readonly<Record<string, Float32Array>>,
    expected: Readonly<Record<string, Float32Array>>,
  ): void {
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
