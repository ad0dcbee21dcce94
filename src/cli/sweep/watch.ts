/** What a driver shows while it runs: a live table on a terminal, a line for each event elsewhere. */
import { createLogUpdate } from 'log-update';
import { cut, formatDuration, formatNumber } from '../../core/format.ts';
import { alignColumns } from '../../core/align-columns.ts';
import { printable } from '../../core/printable.ts';
import { progressText } from '../../run/display/format.ts';
import type { SweepEvent } from '../../sweep/drive.ts';
import { bestOfSweep, rank } from '../../sweep/rank.ts';
import { countsOf } from '../../sweep/report.ts';
import type { SweepState, Trial } from '../../sweep/state.ts';
import type { Io } from '../io.ts';
import { colorsFor, columnsOf, type Colors } from '../terminal.ts';
import { countsText } from './show.ts';
import { rankingTable, textOf, valueText } from './table.ts';

export interface SweepDisplay {
  readonly observe: (event: SweepEvent) => void;
  readonly note: (text: string) => void;
  readonly close: () => void;
}

/** Milliseconds between two redraws. */
const INTERVAL = 250;
/** Most points of the ranking to show while it runs. */
const MOST_POINTS = 8;

export function openSweepDisplay(state: SweepState, io: Io): SweepDisplay {
  const isLive = io.stderr.isTTY === true && io.progress !== 'plain' && !io.env['CI'];
  return isLive ? new LiveDisplay(state, io) : new PlainDisplay(state, io);
}

abstract class Display implements SweepDisplay {
  protected readonly state: SweepState;
  protected readonly io: Io;
  /** By trial: the stage that runs, and how far it is. */
  protected readonly progress = new Map<string, string>();
  /** By trial. */
  protected readonly experiments = new Map<string, string>();

  constructor(state: SweepState, io: Io) {
    this.state = state;
    this.io = io;
  }

  readonly observe = (event: SweepEvent): void => {
    if (event.type === 'trial') {
      const { trial, event: inner } = event;
      const key = keyOf(trial);
      if (inner.type === 'claimed') this.experiments.set(key, inner.experiment);
      if (inner.type === 'stage-started') this.progress.set(key, inner.stage);
      if (inner.type === 'progress') {
        const { stage, ...rest } = inner;
        this.progress.set(key, `${stage} ${progressText({ ...rest, type: 'progress' })}`);
      }
    }
    this.changed();
  };

  abstract note(text: string): void;
  abstract close(): void;
  protected abstract changed(): void;
}

/** A line for each trial that begins or ends. */
class PlainDisplay extends Display {
  readonly #told: Map<string, string | undefined>;

  constructor(state: SweepState, io: Io) {
    super(state, io);
    // What earlier drivers have told.
    this.#told = new Map(state.trials.map(trial => [keyOf(trial), endText(trial)]));
  }

  note(text: string): void {
    this.io.stderr.write(`${printable(text)}\n`);
  }

  close(): void {}

  protected changed(): void {
    for (const trial of this.state.trials) {
      const text = endText(trial);
      const key = keyOf(trial);
      if (text === undefined || this.#told.get(key) === text) continue;
      this.#told.set(key, text);
      this.note(`${trialName(trial, this.state)}: ${text}`);
    }
  }
}

/** Undefined for a trial that waits. */
function endText({ status, experiment, value, equal, failure }: Trial): string | undefined {
  if (status === 'waiting') return undefined;
  const where = experiment === undefined ? '' : ` ${experiment}`;
  if (status === 'running') return `begins${where === '' ? '' : ` again,${where}`}`;
  const number = value === undefined ? '' : `, ${formatNumber(value)}`;
  if (equal === true) return `equals${where}${number}`;
  return `${status}${where}${number}${failure === undefined ? '' : `: ${failure}`}`;
}

function trialName({ point, repeat }: Trial, { definition, points }: SweepState): string {
  const values = points[point - 1]?.values ?? {};
  const seed = definition.seeds[repeat - 1];
  const parts = [
    ...Object.entries(values).map(([name, value]) => `${name}=${textOf(value)}`),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
  ];
  return `point ${point}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

class LiveDisplay extends Display {
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  readonly #colors: Colors;
  #note: string | undefined;

  constructor(state: SweepState, io: Io) {
    super(state, io);
    this.#colors = colorsFor(io.stderr, io.env);
    this.#update = createLogUpdate(io.stderr);
    this.#timer = setInterval(() => {
      this.#draw();
    }, INTERVAL);
    this.#timer.unref();
  }

  note(text: string): void {
    this.#note = text;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    // What is there in the end is printed by itself.
    this.#update.clear();
    this.#update.done();
  }

  protected changed(): void {}

  #draw(): void {
    const { state, io } = this;
    const colors = this.#colors;
    const columns = columnsOf(io.stderr);
    const { definition } = state;
    const ranking = rank(state);
    const best = bestOfSweep(ranking);
    const running = state.trials.filter(({ status }) => status === 'running');
    const { head, rows, right } = rankingTable(
      definition,
      ranking.filter(({ value }) => value !== undefined),
    );
    const table = alignColumns(
      [head, ...rows.slice(0, MOST_POINTS)],
      right.map(isRight => (isRight ? 'right' : 'left')),
    ).trimEnd();
    const lead = best === undefined ? '' : ` · best ${definition.objective.metric} ${valueText(best)}`;
    const text = [
      `${definition.id} · ${definition.name} · ${countsText(countsOf(state))} · ${formatDuration(state.spentMs + Math.max(0, Date.now() - state.lastAt))}${lead}`,
      ...running.map(
        trial =>
          `  ${this.experiments.get(keyOf(trial)) ?? ''} ${trialName(trial, state)}: ${this.progress.get(keyOf(trial)) ?? 'begins'}`,
      ),
      ...(rows.length === 0 ? [] : ['', ...table.split('\n')]),
      ...(this.#note === undefined ? [] : ['', this.#note]),
    ].map(line => cut(printable(line), columns - 1));
    this.#update([colors.bold(text[0] ?? ''), ...text.slice(1)].join('\n'));
  }
}

const keyOf = ({ point, repeat }: Pick<Trial, 'point' | 'repeat'>): string => `${point}/${repeat}`;
