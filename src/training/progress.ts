/** Iterations that the shown rate looks back over. */
const WINDOW = 50;

/** Images per second over the last iterations, and the time left. */
export class Rate {
  readonly #times: { readonly at: number; readonly images: number }[] = [];

  /** Notes that `images` were done at `at` milliseconds; returns images per second, 0 at first. */
  add(at: number, images: number): number {
    this.#times.push({ at, images });
    if (this.#times.length > WINDOW) this.#times.shift();
    return this.perSecond();
  }

  perSecond(): number {
    const [first, ...others] = this.#times;
    const last = others[others.length - 1];
    if (first === undefined || last === undefined) return 0;
    const images = others.reduce((total, entry) => total + entry.images, 0);
    return (1000 * images) / (last.at - first.at);
  }
}

/** `5 s`, `4 min`, `2 h 10 min`: how long is left, no more precise than it can be known. */
export function formatTimeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whether an iteration is a point of the metrics: every `logEvery`-th one, and the last. */
export const isLogged = (iteration: number, logEvery: number, iterations: number): boolean =>
  iteration % logEvery === 0 || iteration === iterations;
