/** What the marks of a figure mean, below it. */
import { protocolLegend, protocolMarks } from '../core/protocol.ts';
import type { Curve } from './curve.ts';
import type { Panels } from './panels.ts';
import { textElement } from './svg.ts';
import { fitted, textWidth } from './words.ts';

/** A part of a figure over its whole width; parts follow each other from the top. */
export interface Part {
  readonly height: number;
  readonly elements: readonly string[];
}

const LINE = 16;
const SIZE = 11;

export function notesOf({ panels, omitted }: Panels, curves: readonly Curve[], width: number): Part {
  const marks = protocolMarks(panels.map(({ protocol }) => protocol));
  const lines = [...wrapped(curveNotes(curves, omitted), width), ...protocolLegend(marks)];
  return {
    height: lines.length * LINE,
    elements: lines.map((line, index) =>
      textElement('text', { class: 'muted small', y: 8 + index * LINE }, fitted(line, SIZE, width)),
    ),
  };
}

/** Notes one after the other, as many as go into a line. */
function wrapped(notes: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const note of notes) {
    const longer = [lines.at(-1) ?? '', note].join(' ').trimStart();
    if (lines.length > 0 && textWidth(longer, SIZE) <= width) lines.splice(-1, 1, longer);
    else lines.push(note);
  }
  return lines;
}

function curveNotes(curves: readonly Curve[], omitted: number): readonly string[] {
  const has = (test: (curve: Curve) => boolean) => curves.some(test);
  return [
    ...(has(({ isSmoothed, band }) => isSmoothed && band === 'values')
      ? ['Line: moving average. Pale: every value, from the lowest to the highest.']
      : []),
    ...(has(({ band }) => band === 'intervals') ? ['Pale around points, or a bar: 95 % interval.'] : []),
    ...(has(({ columns }) => columns.some(({ broken }) => broken > 0)) ? ['×: NaN or infinite.'] : []),
    ...(omitted > 0 ? [`${omitted} more metrics are not drawn.`] : []),
  ];
}
