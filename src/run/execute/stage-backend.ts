import type { RunServices } from './run-services.ts';

/**
 * The TensorFlow backend that a stage's result comes from: its own, or that of its sources. With more than one, no run from the
 * beginning gives the same result.
 */
export class StageBackend {
  readonly #names: Set<string>;
  #own: string | undefined;

  /** @param sources Backends of the stages that it follows. */
  constructor(sources: readonly (string | undefined)[]) {
    this.#names = new Set(sources.filter(name => name !== undefined));
  }

  get name(): string | undefined {
    return this.#own ?? [...this.#names][0];
  }

  get isMixed(): boolean {
    return this.#names.size > 1;
  }

  /** Loads TensorFlow for the stage, and records the backend. */
  watch(id: string, { tensorflow, backend, writer }: RunServices): RunServices['tensorflow'] {
    return async warn => {
      const loaded = await tensorflow(warn);
      const name = await backend?.();
      if (name !== undefined && this.#own === undefined) {
        this.#own = name;
        this.#names.add(name);
        writer.setBackend(id, name);
      }
      return loaded;
    };
  }
}
