import type { Rectangle } from './canvas.ts';
import { fitText, lineHeight, textWidth } from './text.ts';

export interface PlacedText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** True for text that runs upwards. */
  readonly turned?: boolean;
}

/** Positions of everything in the picture of a confusion matrix, in pixels. */
export interface ConfusionLayout {
  readonly width: number;
  readonly height: number;
  /** Enlargement of text. */
  readonly scale: number;
  /** Side of a cell, with its line. */
  readonly cell: number;
  readonly hasNumbers: boolean;
  /** True for a line between cells. */
  readonly hasLines: boolean;
  readonly matrix: Rectangle;
  /** The scale of colors, from 1 at its top to 0. */
  readonly bar: Rectangle;
  readonly texts: readonly PlacedText[];
}

/** Most classes whose cells have numbers. */
const mostWithNumbers = 30;
/** Most classes with text of twice the size. */
const mostEnlarged = 12;
/** Most pixels of the matrix's side, which leaves room for names within 2000. */
const largestMatrix = 1750;
/** Least pixels of a cell with a line. */
const smallestLined = 8;
/** Least pixels of the matrix's side where cells have numbers. */
const smallestMatrix = 480;
/** Most characters of a name. */
const longestName = 20;
const margin = 12;
const gap = 8;

interface Plan {
  readonly heading: string;
  readonly classes: readonly string[];
  /** The largest number in a cell. */
  readonly largest: number;
  /** Names of places on the scale of colors, 1 at its top. */
  readonly ticks: readonly { readonly text: string; readonly place: number }[];
}

/** Side of a cell in which the largest number fits, or of a dot of a heat map. */
function cellSide({ classes, largest }: Plan, scale: number): number {
  const { length } = classes;
  if (length > mostWithNumbers) return Math.min(lineHeight, Math.floor(largestMatrix / length));
  const needed = scale * (textWidth(String(largest)) + 8);
  return Math.min(
    Math.max(needed, 34 * scale, Math.ceil(smallestMatrix / length)),
    Math.floor(largestMatrix / length),
  );
}

/** Rows are labels, named to the left; columns are predictions, named below. To the right is the scale of colors. */
export function layOutConfusion(plan: Plan): ConfusionLayout {
  const { classes, heading, ticks } = plan;
  const scale = classes.length <= mostEnlarged ? 2 : 1;
  const line = lineHeight * scale;
  const width = (text: string) => textWidth(text) * scale;
  const names = classes.map(name => fitText(name, textWidth('x') * longestName));
  const longest = Math.max(...names.map(width));
  const cell = cellSide(plan, scale);
  const side = cell * classes.length;
  const isTurned = names.some(name => width(name) > cell - gap);
  const matrix = {
    x: margin + line + longest + gap,
    y: margin + line + gap,
    width: side,
    height: side,
  };
  const namesHeight = isTurned ? longest : line;
  const bar = { x: matrix.x + side + 3 * gap, y: matrix.y, width: 8 * scale, height: Math.min(side, 320) };
  const tickX = bar.x + bar.width + gap;
  const right = Math.max(...ticks.map(({ text }) => tickX + width(text)), margin + width(heading));
  const below = matrix.y + side + gap + namesHeight;
  const middle = (start: number, length: number, of: number) => start + Math.floor((length - of) / 2);
  return {
    width: right + margin,
    height: below + line + margin,
    scale,
    cell,
    hasNumbers: classes.length <= mostWithNumbers,
    hasLines: cell >= smallestLined,
    matrix,
    bar,
    texts: [
      { text: heading, x: margin, y: margin },
      { text: 'true', x: margin, y: middle(matrix.y, side, -width('true')), turned: true },
      { text: 'predicted', x: middle(matrix.x, side, width('predicted')), y: below + gap / 2 },
      ...named(names, cell, line).flatMap(([text, index]) => {
        const along = middle(index * cell, cell, line);
        const column = isTurned
          ? { x: matrix.x + along, y: matrix.y + side + gap + width(text), turned: true }
          : { x: matrix.x + middle(index * cell, cell, width(text)), y: matrix.y + side + gap };
        return [
          { text, x: matrix.x - gap - width(text), y: matrix.y + along },
          { text, ...column },
        ];
      }),
      ...ticks.map(({ text, place }) => ({
        text,
        x: tickX,
        y: bar.y + Math.round((1 - place) * bar.height) - (line >> 1),
      })),
    ],
  };
}

/** The names that have room, with their indices: every one, or one of several where rows are lower than a line. */
function named(names: readonly string[], cell: number, line: number): readonly (readonly [string, number])[] {
  const every = Math.ceil(line / cell);
  return names.flatMap((name, index) => (index % every === 0 ? [[name, index] as const] : []));
}
