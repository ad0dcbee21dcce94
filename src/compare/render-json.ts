import { jsonText } from '../core/json-text.ts';
import type { Cell, ComparisonTable } from './table.ts';

/** JSON for scripts: values in full precision by experiment, missing ones left out, durations in milliseconds. */
export function renderJson({ experiments, sections, notes }: ComparisonTable): string {
  const document = {
    experiments,
    sections: sections.map(({ title, rows }) => ({
      title,
      rows: rows.map(({ name, unit, direction, cells }) => ({
        name,
        unit,
        direction,
        values: valuesById(experiments, cells),
        ...bestValues(experiments, cells),
        best: experiments.filter((_, index) => cells[index]?.best),
      })),
    })),
    notes,
  };
  return jsonText(document);
}

/** A metric's best value in each experiment, with its step. */
function bestValues(experiments: readonly string[], cells: readonly Cell[]): object {
  if (!cells.some(({ extreme }) => extreme !== undefined)) return {};
  return { bestValues: Object.fromEntries(experiments.map((id, index) => [id, cells[index]?.extreme])) };
}

function valuesById(experiments: readonly string[], cells: readonly Cell[]): Record<string, unknown> {
  return Object.fromEntries(experiments.map((id, index) => [id, cells[index]?.value]));
}
