import type { ImageBatch } from './pixels.ts';
import { lineHeight, textWidth } from './text.ts';

export interface GridOptions extends ImageBatch {
  readonly columns: number;
  /** Each pixel becomes a square of `scale` × `scale`; by default images are about 96 pixels wide. */
  readonly scale?: number;
  /** Pixels between images; 2 by default. */
  readonly gap?: number;
  /** A line above everything. */
  readonly title?: string;
  /**
   * Names of equal shares of the images: with ten labels and a hundred images, the first ten images belong to the first label,
   * and so on. Each share starts on a new row, with its label to the left.
   */
  readonly rowLabels?: readonly string[];
  /** One name per image, drawn above it. */
  readonly cellLabels?: readonly string[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A grid without its images. */
export type GridPlan = Omit<GridOptions, 'images'>;

/** Positions of everything in a grid, in pixels. */
export interface GridLayout {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly title: Point;
  readonly rowLabels: readonly (Point & { readonly text: string })[];
  /** Top left corner of each image. */
  readonly images: readonly Point[];
}

/** White margin around the grid, in pixels. */
const margin = 4;
/** Pixels between a row's label and its first image. */
const labelGap = 8;
/** Most characters of a row's label. */
const longestLabel = 24;

/** The enlargement at which the longer side of an image is about 96 pixels. */
const visibleScale = ({ width, height }: GridPlan) => Math.max(1, Math.round(96 / Math.max(width, height)));

/** Columns for one row of up to ten images, or for the fewest even rows: 10 → 10, 12 → 6, 25 → 9. */
export function evenColumns(count: number): number {
  return Math.ceil(count / Math.ceil(count / 10));
}

/** Sizes that determine every position in a grid, in pixels. */
function measureGrid(plan: GridPlan) {
  const { count, columns, gap = 2, scale = visibleScale(plan) } = plan;
  const labels = (plan.rowLabels ?? []).map(label => [...label].slice(0, longestLabel).join(''));
  const share = count / Math.max(1, labels.length);
  const shareRows = Math.ceil(share / columns);
  const head = plan.cellLabels ? lineHeight : 0;
  const imageHeight = plan.height * scale;
  const step = {
    x: plan.width * scale + gap,
    y: head + Math.max(imageHeight, labels.length > 0 ? lineHeight : 0) + gap,
  };
  const widest = labels.reduce((width, label) => Math.max(width, textWidth(label)), 0);
  const origin = {
    x: margin + (labels.length > 0 ? widest + labelGap : 0),
    y: margin + (plan.title === undefined ? 0 : lineHeight),
  };
  const rows = shareRows * Math.max(1, labels.length);
  return {
    width: Math.max(
      origin.x + Math.min(columns, share) * step.x - gap + margin,
      textWidth(plan.title ?? '') + 2 * margin,
    ),
    height: origin.y + rows * step.y - gap + margin,
    scale,
    labels,
    share,
    shareRows,
    head,
    imageHeight,
    step,
    origin,
  };
}

/** Number of pixels of a grid's picture. */
export function gridPixels(plan: GridPlan): number {
  const { width, height } = measureGrid(plan);
  return width * height;
}

/** Lays out images from left to right and top to bottom, each share of a row label on new rows. */
export function layOutGrid(plan: GridPlan): GridLayout {
  const { width, height, scale, labels, share, shareRows, head, imageHeight, step, origin } =
    measureGrid(plan);
  return {
    width,
    height,
    scale,
    title: { x: margin, y: margin },
    rowLabels: labels.map((text, index) => ({
      text,
      x: origin.x - labelGap - textWidth(text),
      y: origin.y + index * shareRows * step.y + head + Math.max(0, (imageHeight - lineHeight) >> 1),
    })),
    images: Array.from({ length: plan.count }, (_, index) => ({
      x: origin.x + ((index % share) % plan.columns) * step.x,
      y:
        origin.y +
        (Math.floor(index / share) * shareRows + Math.floor((index % share) / plan.columns)) * step.y +
        head,
    })),
  };
}
