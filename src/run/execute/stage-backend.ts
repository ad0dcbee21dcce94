import type { RunServices } from './run-stage.ts';

/**
 * Which TensorFlow a stage's result comes from: the one that it loads, else that of what it follows. A result of two of them
 * is one that no run from the beginning gives.
 */
export class StageBackend {
  readonly #names: Set<string>;
  #own: string | undefined;

  /** @param sources Those of the stages that it follows. */
  constructor(sources: readonly (string | undefined)[]) {
    this.#names = new Set(sources.filter(name => name !== undefined));
  }

  get name(): string | undefined {
    return this.#own ?? [...this.#names][0];
  }

  get isMixed(): boolean {
    return this.#names.size > 1;
  }

  /** Loads TensorFlow for the stage, and keeps in its record which one it is. */
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
