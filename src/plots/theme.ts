/** Colors of a figure, for light and dark surroundings. */

export interface Theme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  /**
   * Of lines: as many as are told apart by people who see no red or green, the first four best; each in a contrast of 3:1 to the
   * background.
   */
  readonly lines: readonly string[];
}

export const LIGHT: Theme = {
  background: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  grid: '#e4e8ec',
  lines: ['#0b69c7', '#d55e00', '#00705a', '#c2579a', '#4d4d4d', '#8a6d00', '#4b3fa7', '#0090b8'],
};

export const DARK: Theme = {
  background: '#0d1117',
  text: '#e6edf3',
  muted: '#9198a1',
  grid: '#262c34',
  lines: ['#58a6ff', '#ff8c42', '#2dd4a8', '#e08ac0', '#c9d1d9', '#e3c14d', '#a799ff', '#56d4f5'],
};

/** Dashes of lines beyond the first colors, which are harder to tell apart. */
const SOLID = 4;

/** Number of lines that differ in color or dashes. */
export const MOST_LINES = 2 * LIGHT.lines.length;

/** The classes of a line: its color, and its dashes. */
export function lineClasses(index: number): string {
  const color = index % LIGHT.lines.length;
  const isSecond = index % MOST_LINES >= LIGHT.lines.length;
  const dashes = isSecond ? ' dotted' : color >= SOLID ? ' dashed' : '';
  return `c${color}${dashes}`;
}

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif';

const SHAPES = [
  `text{font:12px ${FONT};font-variant-numeric:tabular-nums}`,
  '.title{font-size:18px;font-weight:600}',
  '.name{font-weight:600}',
  '.small{font-size:11px}',
  '.end{text-anchor:end}',
  '.middle{text-anchor:middle}',
  '.line,.rim,.broken,.whisker,.grid,.axis{fill:none}',
  '.line{stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}',
  '.rim{stroke-width:.75;stroke-linejoin:round;stroke-opacity:.3}',
  '.band{stroke:none;fill-opacity:.16}',
  '.interval{fill-opacity:.28}',
  '.broken,.whisker{stroke-width:1.25}',
  '.dashed{stroke-dasharray:5 3}',
  '.dotted{stroke-dasharray:1 3.5}',
];

/** Plain selectors and colors only: not every program that shows SVG knows more of CSS. */
const colorsOf = ({ background, text, muted, grid, lines }: Theme): string =>
  [
    `.background{fill:${background}}`,
    `text{fill:${text}}`,
    `.muted{fill:${muted}}`,
    `.grid{stroke:${grid}}`,
    `.axis{stroke:${muted}}`,
    ...lines.flatMap((color, index) => [
      `.line.c${index},.rim.c${index},.broken.c${index},.whisker.c${index}{stroke:${color}}`,
      `.band.c${index},.dot.c${index}{fill:${color}}`,
    ]),
  ].join('');

export const styleSheet = (): string =>
  `${SHAPES.join('')}${colorsOf(LIGHT)}@media (prefers-color-scheme:dark){${colorsOf(DARK)}}`;
