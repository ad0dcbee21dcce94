import { MISSING } from '../../core/format.ts';
import { printable } from '../../core/printable.ts';
import type { ReproductionPlan } from '../../run/reproduce/plan.ts';
import type { Change } from '../../run/reproduce/report.ts';
import { alignColumns } from '../../core/align-columns.ts';
import type { Colors } from '../terminal.ts';

/** Known differences since the experiment ran, shown before it runs again. Without a final newline. */
export function renderBefore(
  {
    original,
    conditions,
    inputs,
    notes,
  }: Pick<ReproductionPlan, 'conditions' | 'inputs' | 'notes'> & {
    readonly original: { readonly id: string };
  },
  colors: Colors,
): string {
  const changes = [...conditions, ...inputs];
  const head =
    changes.length === 0
      ? `nothing that is known differs since ${original.id}`
      : `${colors.bold(`Changed since ${original.id}`)}\n${renderChanges(changes)}`;
  return [head.trimEnd(), ...notes.map(note => `  → ${printable(note)}`)].join('\n');
}

/** A line per change: `  Node  v20.19.0 → v22.1.0`. */
export function renderChanges(changes: readonly Change[]): string {
  const rows = changes.map(({ what, then, now }) => [`  ${what}`, `${then ?? MISSING} → ${now ?? MISSING}`]);
  return alignColumns(rows.map(row => row.map(printable)));
}
