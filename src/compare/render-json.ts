import { jsonText } from '../core/json-text.ts';
import type { Cell, ComparisonTable } from './table.ts';

/** JSON for scripts: values in full precision by experiment, missing ones left out, durations in milliseconds. */
export function renderJson({ heads: experiments, sections, notes }: ComparisonTable): string {
  const document = {
    experiments,
    sections: sections.map(({ title, rows }) => ({
      title,
      rows: rows.map(({ name, unit, direction, protocol, cells }) => ({
        name,
        unit,
        direction,
        ...(protocol !== undefined && { protocol }),
        values: valuesById(experiments, cells),
        ...intervals(experiments, cells),
        ...bestValues(experiments, cells),
        best: experiments.filter((_, index) => cells[index]?.best),
      })),
    })),
    notes,
  };
  return jsonText(document);
}

/** The 95 % intervals of a metric's last values. */
function intervals(experiments: readonly string[], cells: readonly Cell[]): object {
  if (!cells.some(({ interval }) => interval !== undefined)) return {};
  return { intervals: Object.fromEntries(experiments.map((id, index) => [id, cells[index]?.interval])) };
}

/** A metric's best value in each experiment, with its step and its interval. */
function bestValues(experiments: readonly string[], cells: readonly Cell[]): object {
  if (!cells.some(({ extreme }) => extreme !== undefined)) return {};
  return { bestValues: Object.fromEntries(experiments.map((id, index) => [id, cells[index]?.extreme])) };
}

function valuesById(experiments: readonly string[], cells: readonly Cell[]): Record<string, unknown> {
  return Object.fromEntries(experiments.map((id, index) => [id, cells[index]?.value]));
}
