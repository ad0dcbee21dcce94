import type { Problem } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { liveness, type ProcessIdentity } from '../host/process-identity.ts';
import type { Survey, Surveyed } from './survey.ts';

/** Why an experiment stays: the obstacle, and the command that resolves it. */
export interface Obstacle extends Problem {
  /** True where `--force` may override: no data that something else needs is lost. */
  readonly yields: boolean;
}

/** The dependents of experiments, from a survey. */
export class Needs {
  readonly #survey: Survey;
  readonly #tags: ReadonlyMap<string, readonly string[]>;
  readonly #users = new Map<string, string[]>();
  readonly #children = new Map<string, string[]>();
  readonly #reproductions = new Map<string, string[]>();

  constructor(survey: Survey) {
    this.#survey = survey;
    this.#tags = survey.tags.byId;
    for (const { id, uses, parent, reproduces } of survey.experiments.values()) {
      for (const used of uses.experiments) add(this.#users, used, id);
      if (parent !== null) add(this.#children, parent, id);
      if (reproduces !== null) add(this.#reproductions, reproduces, id);
    }
  }

  /** Obstacles to removing an experiment together with others. */
  obstacles(id: string, going: ReadonlySet<string>): readonly Obstacle[] {
    return [
      ...stateObstacles(this.#survey.experiments.get(id)),
      ...this.#trialObstacles(this.#survey.experiments.get(id)),
      ...(this.#tags.get(id) ?? []).map(tag => isTagged(id, tag)),
      ...this.#survey.tags.damaged.map(tag => mayBeTagged(id, tag)),
      ...this.#needed(id, going),
    ];
  }

  /** Reproductions of an experiment; they need it only for the comparison at their end. */
  reproductions(id: string): readonly string[] {
    return this.#reproductions.get(id) ?? [];
  }

  /** A sweep goes on with what it has stopped or paused. */
  #trialObstacles(experiment: Surveyed | undefined): readonly Obstacle[] {
    if (experiment?.status !== 'interrupted' || experiment.sweep === null) return [];
    const { id, sweep } = experiment;
    return this.#survey.unfinishedSweeps.has(sweep) ? [isTrial(id, sweep)] : [];
  }

  #isRunning(id: string): boolean {
    return this.#survey.experiments.get(id)?.status === 'running';
  }

  #hasFinished(id: string): boolean {
    return this.#survey.experiments.get(id)?.status === 'finished';
  }

  #needed(id: string, going: ReadonlySet<string>): readonly Obstacle[] {
    const users = (this.#users.get(id) ?? []).filter(each => !going.has(each));
    const others = (this.#children.get(id) ?? []).filter(each => !going.has(each) && !users.includes(each));
    // A running extension may be about to copy the state to resume from.
    const copying = others.filter(child => this.#isRunning(child));
    const stopped = others.filter(child => !copying.includes(child) && !this.#hasFinished(child));
    const finished = others.filter(child => this.#hasFinished(child));
    const comparing = this.reproductions(id).filter(each => this.#isRunning(each));
    const together = () => `pipe rm ${[...going, ...this.#dependents(going)].join(' ')}`;
    return [
      ...(users.length > 0 ? [isUsed(id, users, together())] : []),
      ...(copying.length > 0 ? [isCopied(id, copying)] : []),
      ...(stopped.length > 0 ? [mayResumeFrom(id, stopped, together())] : []),
      ...(finished.length > 0 ? [isParent(id, finished, together())] : []),
      ...(comparing.length > 0 ? [isCompared(id, comparing)] : []),
    ];
  }

  /** All transitive dependents of the given experiments. */
  #dependents(ids: ReadonlySet<string>): readonly string[] {
    const found = new Set(ids);
    for (const id of found)
      for (const needs of [this.#users, this.#children])
        for (const dependent of needs.get(id) ?? []) found.add(dependent);
    return [...found].filter(id => !ids.has(id));
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** Obstacles in an experiment's own state. */
function stateObstacles(experiment: Surveyed | undefined): readonly Obstacle[] {
  if (experiment === undefined) return [];
  const { id, status, problem, process } = experiment;
  if (problem !== null) return [isUnreadable(id, problem)];
  return status === 'running' && process !== null ? [isRunning(id, process)] : [];
}

const isUnreadable = (id: string, problem: string): Obstacle => ({
  code: 'unreadable-experiment',
  message: `${id} ${problem}: whether it still runs is not known`,
  hint: `if it does not: pipe rm --force ${id}`,
  yields: true,
});

/** The obstacle of an experiment that a process runs or resumes. */
export function isRunning(id: string, process: ProcessIdentity): Obstacle {
  const where = `process ${process.pid} on ${printable(process.host)}`;
  return liveness(process) === 'alive'
    ? {
        code: 'experiment-running',
        message: `${id} is running: ${where}`,
        hint: `kill -INT ${process.pid} stops it as Ctrl-C does; then pipe rm ${id}`,
        yields: false,
      }
    : {
        code: 'experiment-running',
        message: `${id} is recorded as running: ${where}, which cannot be seen from here`,
        hint: `if that process is gone: pipe rm --force ${id}`,
        yields: true,
      };
}

const isTrial = (id: string, sweep: string): Obstacle => ({
  code: 'sweep-unfinished',
  message: `${sweep} is unfinished and goes on with its trial ${id}`,
  hint: `finish it: pipe sweep resume ${sweep}; or, for the trial to begin again: pipe rm --force ${id}`,
  yields: true,
});

const isTagged = (id: string, tag: string): Obstacle => ({
  code: 'experiment-tagged',
  message: `tag ${tag} names ${id}`,
  hint: `pipe tag --delete ${tag}; or, to keep the tag for when it is restored: pipe rm --force ${id}`,
  yields: true,
});

const mayBeTagged = (id: string, tag: string): Obstacle => ({
  code: 'damaged-tag',
  message: `tag ${tag} is damaged: it may have named ${id}`,
  hint: `pipe tag --delete ${tag}, or pipe tag --force <experiment> ${tag}`,
  yields: true,
});

const isUsed = (id: string, users: readonly string[], together: string): Obstacle => ({
  code: 'outputs-needed',
  message: `${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} outputs that lie in the folder of ${id}`,
  hint: `remove what needs it as well: ${together}`,
  yields: false,
});

const isCopied = (id: string, children: readonly string[]): Obstacle => ({
  code: 'extension-running',
  message: `${children.join(', ')} ${children.length === 1 ? 'runs and extends' : 'run and extend'} ${id}`,
  hint: 'wait until it has ended',
  yields: false,
});

/** The obstacle of a stopped extension: before the extended stage, it resumes from its parent or starts from the beginning. */
const mayResumeFrom = (id: string, children: readonly string[], together: string): Obstacle => ({
  code: 'extension-stopped',
  message: `${children.join(', ')} ${children.length === 1 ? 'extends' : 'extend'} ${id} and may resume from it`,
  hint: `finish it: pipe resume ${children[0] ?? ''}; or remove both: ${together}; or the parent alone: pipe rm --force ${id}`,
  yields: true,
});

const isParent = (id: string, children: readonly string[], together: string): Obstacle => ({
  code: 'experiment-extended',
  message: `${children.join(', ')} ${children.length === 1 ? 'extends' : 'extend'} ${id}`,
  hint: `${together}; or, to remove the parent alone: pipe rm --force ${id}`,
  yields: true,
});

const isCompared = (id: string, reproductions: readonly string[]): Obstacle => ({
  code: 'reproduction-running',
  message: `${reproductions.join(', ')} ${reproductions.length === 1 ? 'reproduces' : 'reproduce'} ${id}, and will be compared with it`,
  hint: `wait until it has ended; or, to go without the comparison: pipe rm --force ${id}`,
  yields: true,
});
