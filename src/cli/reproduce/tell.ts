import { jsonText } from '../../core/json-text.ts';
import { latestOrigin } from '../../core/origin.ts';
import { printable } from '../../core/printable.ts';
import type { Plan } from '../../plan/plan.ts';
import { conditionsSince } from '../../run/reproduce/changes.ts';
import { compareRuns } from '../../run/reproduce/compare.ts';
import type { Change, Reproduction } from '../../run/reproduce/report.ts';
import type { RunOutcome } from '../../run/execute/run.ts';
import { registryOf, type Session } from '../../run/session.ts';
import { withRegistry } from '../hints.ts';
import type { Io } from '../io.ts';
import { colorsFor } from '../terminal.ts';
import { renderReproduction } from './render.ts';

/** Most damaged files to list. */
const NAMED = 5;

export interface TellOptions {
  readonly json: boolean;
  /** Differences of the stages known before the run. */
  readonly inputs?: readonly Change[];
}

/** Compares a reproduction with its original and prints the result; returns 0 when they are equal. */
export async function tellReproduction(
  plan: Plan,
  { id, status }: Pick<RunOutcome, 'id' | 'status'>,
  session: Session,
  io: Io,
  { json, inputs = [] }: TellOptions,
): Promise<number> {
  const registry = registryOf(session);
  const repeated = await registry.read(id);
  const { reproduces } = repeated.record;
  if (reproduces === undefined) throw new Error(`${id} reproduces nothing`);
  if (status === 'interrupted') {
    const words = `nothing is compared yet: pipe resume ${id} continues it, and then compares it with ${reproduces}`;
    io.stderr.write(`${withRegistry(words, io)}\n`);
    return 1;
  }
  const original = await registry.read(reproduces);
  const now = latestOrigin(repeated.record);
  const conditions = conditionsSince(latestOrigin(original.record), now, now.environment.tensorflow);
  const found = await compareRuns(plan, original, repeated, registry, [...conditions, ...inputs]);
  io.stdout.write(json ? jsonText(found) : renderReproduction(found, colorsFor(io.stdout, io.env)));
  io.stderr.write(withRegistry(warnings(found), io));
  return found.isEqual ? 0 : 1;
}

/** The same for a resumed experiment, on stderr, if it is a reproduction. */
export async function tellIfReproduction(
  plan: Plan,
  outcome: Pick<RunOutcome, 'id' | 'status'>,
  session: Session,
  io: Io,
): Promise<number> {
  const { record } = await registryOf(session).read(outcome.id);
  if (record.reproduces === undefined) return 0;
  return tellReproduction(plan, outcome, session, { ...io, stdout: io.stderr }, { json: false });
}

/** Warnings about damaged files; their records were compared. */
function warnings({ damaged, original, repeated, isEqual }: Reproduction): string {
  const lines = damaged.slice(0, NAMED).map(path => {
    const id = path.split('/')[0] ?? original;
    return `warning: ${printable(path)} was changed since it was recorded: pipe verify ${id}\n`;
  });
  if (damaged.length > NAMED) lines.push(`… and ${damaged.length - NAMED} more files\n`);
  return [...lines, ...(isEqual ? [] : [`  → pipe compare ${original} ${repeated}\n`])].join('');
}
