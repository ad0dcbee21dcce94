import type { StateValues, StepDefinition, StepInput } from '../core/tensorflow.ts';
import type { StepRunner } from './queued-step.ts';
import { dtypeOf, recordStep, type RecordingBackend } from './record-step.ts';
import { assertRepeatable } from './record.ts';
import { GraphSession } from './session.ts';

/**
 * A step that is recorded once for each combination of input shapes and replayed as a graph in a native session. The session that
 * ran last holds the state; when the shapes change, the state moves to another session.
 */
export class GraphStep implements StepRunner {
  readonly #backend: RecordingBackend;
  readonly #definition: StepDefinition;
  readonly #sessions = new Map<string, GraphSession>();
  #current: GraphSession | undefined;
  /** The state before the first run, including what was written to it. */
  #initial: StateValues;

  constructor(backend: RecordingBackend, definition: StepDefinition) {
    this.#backend = backend;
    this.#definition = definition;
    this.#initial = Object.fromEntries(
      Object.entries(definition.state).map(([name, { values }]) => [name, values.slice()]),
    );
  }

  run(inputs: Readonly<Record<string, StepInput>>): StateValues {
    return this.#session(inputs).run(inputs);
  }

  read(names: readonly string[]): StateValues {
    if (this.#current !== undefined) return this.#current.read(names);
    return Object.fromEntries(names.map(name => [name, (this.#initial[name] as Float32Array).slice()]));
  }

  write(values: StateValues): void {
    if (this.#current !== undefined) this.#current.write(values);
    else this.#initial = { ...this.#initial, ...copiesOf(values) };
  }

  dispose(): void {
    for (const session of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
  }

  #session(inputs: Readonly<Record<string, StepInput>>): GraphSession {
    const key = JSON.stringify(
      Object.entries(inputs).map(([name, { shape, values }]) => [name, shape, dtypeOf(values)]),
    );
    const known = this.#sessions.get(key);
    if (known !== undefined && known === this.#current) return known;
    const state = this.read(Object.keys(this.#definition.state));
    const session = known ?? this.#compile(inputs, state);
    this.#sessions.set(key, session);
    session.write(state);
    this.#current = session;
    this.#initial = {};
    return session;
  }

  #compile(inputs: Readonly<Record<string, StepInput>>, state: StateValues): GraphSession {
    const first = recordStep(this.#backend, this.#definition, inputs, state);
    const second = recordStep(this.#backend, this.#definition, inputs, state);
    assertRepeatable(this.#definition.name, first.recorder, second.recorder);
    return new GraphSession(this.#backend.backend.binding, first.parts);
  }
}

const copiesOf = (values: StateValues): StateValues =>
  Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
