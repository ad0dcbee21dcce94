import { Failure } from '../../core/failure.ts';
import type { Metrics, TrainingWatch, WatchMemory } from '../task.ts';

export type GanMetric = 'd_loss' | 'd_loss_real' | 'd_loss_fake' | 'd_accuracy' | 'g_loss';

/** The share of right judgements from which on the discriminator wins. */
const WINNING = 0.99;
/** Iterations over which the share is averaged, with exponential weights: a batch is too few images for a percent. */
const WINDOW = 100;
/** Iterations of winning that are worth a warning. */
const LONG = 1000;

export interface GanWatchOptions {
  /** Iterations between pictures. */
  readonly every: number;
  /** The last iteration. */
  readonly until: number;
  /** What usually helps, as sentences. Undefined where the discriminator is a critic, which may win. */
  readonly againstWinning: string | undefined;
  readonly againstCollapse: string;
  readonly warn: (text: string) => void;
}

/**
 * Notices a GAN that learns no more: a discriminator that judges nearly everything right, and a generator that draws the same
 * image whatever its noise.
 */
export class GanWatch implements TrainingWatch<GanMetric> {
  readonly #options: GanWatchOptions;
  #accuracy = 0.5;
  /** The iteration from which on the discriminator wins; 0 while it does not. */
  #winsSince = 0;
  #isTold = false;
  /** The iteration of the newest regular pictures, where they are all the same; 0 otherwise. */
  #constantAt = 0;

  constructor(options: GanWatchOptions) {
    this.#options = options;
  }

  iteration(iteration: number, { d_accuracy }: Metrics<GanMetric>): void {
    const { againstWinning, warn } = this.#options;
    if (againstWinning === undefined) return;
    this.#accuracy += (d_accuracy - this.#accuracy) / WINDOW;
    if (this.#accuracy < WINNING) this.#winsSince = 0;
    else if (this.#winsSince === 0) this.#winsSince = iteration;
    if (this.#isTold || !this.#hasWonLong(iteration)) return;
    this.#isTold = true;
    const [share, long] = [`${100 * WINNING}%`, LONG.toLocaleString('en-US')];
    warn(
      `the discriminator judges ${share} of all images right, for ${long} iterations up to iteration ${iteration}: the generator learns little from it. ${againstWinning}`,
    );
  }

  /**
   * Looks at the pictures of a state.
   * @throws Failure when those before were the same image as well
   */
  pictures(iteration: number, areConstant: boolean): void {
    const { every, until, warn, againstCollapse } = this.#options;
    const isRegular = iteration % every === 0;
    // Of a stop: training without one draws none there.
    if (iteration === 0 || (!isRegular && iteration !== until)) return;
    const before = this.#constantAt;
    if (isRegular) this.#constantAt = areConstant ? iteration : 0;
    if (!areConstant) return;
    const same = 'the generator draws the same image whatever its noise';
    if (before > 0)
      throw new Failure({
        code: 'training-collapsed',
        message: `Training collapsed: at iterations ${before} and ${iteration} ${same}.`,
        hint: againstCollapse,
      });
    warn(
      iteration === until
        ? `at iteration ${iteration}, the last, ${same}`
        : `at iteration ${iteration} ${same}: training ends if it still does at the next pictures`,
    );
  }

  conclusion(): string | undefined {
    return this.#hasWonLong(this.#options.until)
      ? `the discriminator wins since iteration ${this.#winsSince}`
      : undefined;
  }

  memory(): WatchMemory {
    return {
      accuracy: this.#accuracy,
      winsSince: this.#winsSince,
      isTold: Number(this.#isTold),
      constantAt: this.#constantAt,
    };
  }

  recall({ accuracy = 0.5, winsSince = 0, isTold = 0, constantAt = 0 }: WatchMemory): void {
    this.#accuracy = accuracy;
    this.#winsSince = winsSince;
    this.#isTold = isTold === 1;
    this.#constantAt = constantAt;
  }

  #hasWonLong(iteration: number): boolean {
    return this.#winsSince > 0 && iteration - this.#winsSince + 1 >= LONG;
  }
}
