/** A comparison as data: rows of cells, one per experiment or group of them. Renderers turn it into text. */
import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';
import { MISSING } from '../core/format.ts';
import type { Interval } from '../core/interval.ts';
import type { Best } from '../core/metric-best.ts';
import type { MetricDeclaration } from '../core/stage.ts';

/** An experiment to compare: its record and the status to show. */
export interface ComparedExperiment {
  readonly record: ExperimentRecord;
  readonly status: ShownStatus;
}

export interface Cell {
  /** Undefined where an experiment has no such value. */
  readonly value: unknown;
  /** The text shown, before it is escaped for a terminal or a file. */
  readonly text: string;
  readonly best: boolean;
  /** 95 % interval of a metric's last value, or of a mean. */
  readonly interval?: Interval;
  /** Best value of a metric with a direction; of a group that of its best run. */
  readonly extreme?: Best;
  /** Runs of a group that have the metric. */
  readonly runs?: number;
}

export interface Row {
  readonly name: string;
  readonly unit: string | null;
  readonly direction: MetricDeclaration['direction'];
  /** Of a metric that has one: all values of the row were measured by it. */
  readonly protocol?: string;
  /** In the order of the heads. */
  readonly cells: readonly Cell[];
}

export interface Section {
  readonly title: string;
  /** True for sentences, which a terminal shows below each other; cells without a value are left out there. */
  readonly asLines?: boolean;
  readonly rows: readonly Row[];
}

export interface ComparisonTable {
  /** Of the columns: experiments' ids, or the labels of groups, in the given order. */
  readonly heads: readonly string[];
  readonly sections: readonly Section[];
  /** Remarks below the table, one sentence each. */
  readonly notes: readonly string[];
  readonly legend: {
    /** Meaning of the mark of the best. */
    readonly best: string;
    /** Meaning of an interval. */
    readonly interval: string;
  };
}

/** A cell that is not marked as best. */
export function cell(value: unknown, text: string): Cell {
  return value === undefined ? { value, text: MISSING, best: false } : { value, text, best: false };
}

/** `g_loss`, or `images_per_second [images/s]`. */
export function rowLabel({ name, unit }: Row): string {
  return unit === null ? name : `${name} [${unit}]`;
}
