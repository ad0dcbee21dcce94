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

/** Files that are not what they were, of which so many are named. */
const NAMED = 5;

export interface TellOptions {
  readonly json: boolean;
  /** Differences of the stages that were known beforehand. */
  readonly inputs?: readonly Change[];
}

/** Compares an experiment that runs another one again with that one, and prints what was found; 0 when it gave the same. */
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
    const words = `nothing is compared yet: pipe resume ${id} goes on, and compares it with ${reproduces} then`;
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

/** The same at the end of a resumed experiment, on stderr, if it is a reproduction. */
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

/** About files that are not what was recorded of them: what was recorded was compared. */
function warnings({ damaged, original, repeated, isEqual }: Reproduction): string {
  const lines = damaged.slice(0, NAMED).map(path => {
    const id = path.split('/')[0] ?? original;
    return `warning: ${printable(path)} was changed since it was recorded: pipe verify ${id}\n`;
  });
  if (damaged.length > NAMED) lines.push(`… and ${damaged.length - NAMED} more files\n`);
  return [...lines, ...(isEqual ? [] : [`  → pipe compare ${original} ${repeated}\n`])].join('');
}
