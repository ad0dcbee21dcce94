import type { ImageBatch } from './pixels.ts';
import { lineHeight, textWidth } from './text.ts';

export interface GridOptions extends ImageBatch {
  readonly columns: number;
  /** Each pixel becomes a square of `scale` × `scale`; by default images come out about 96 pixels wide. */
  readonly scale?: number;
  /** Pixels between images; 2 by default. */
  readonly gap?: number;
  /** A line above everything. */
  readonly title?: string;
  /**
   * Names of equal shares of the images: with ten labels and a hundred images, the first ten images are the first
   * label's, and so on. Each share starts on a row of its own, with its label to the left.
   */
  readonly rowLabels?: readonly string[];
  /** One name per image, drawn above it. */
  readonly cellLabels?: readonly string[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything in a grid goes, in pixels. */
export interface GridLayout {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly title: Point;
  readonly rowLabels: readonly (Point & { readonly text: string })[];
  /** Top left corner of each image. */
  readonly images: readonly Point[];
}

/** Pixels of white around the whole. */
const margin = 4;
/** Pixels between a row's label and its first image. */
const labelGap = 8;
/** Characters of a row's label that are shown. */
const longestLabel = 24;

/** The enlargement at which the longer side of an image is about 96 pixels. */
const visibleScale = ({ width, height }: ImageBatch) => Math.max(1, Math.round(96 / Math.max(width, height)));

/** Columns for a row of up to ten images, or for as few even rows as hold them: 10 → 10, 12 → 6, 25 → 9. */
export function evenColumns(count: number): number {
  return Math.ceil(count / Math.ceil(count / 10));
}

/** Lays out images from left to right and from top to bottom, each share of a row label from a new row on. */
export function layOutGrid(options: GridOptions): GridLayout {
  const { count, columns, gap = 2, scale = visibleScale(options) } = options;
  const labels = (options.rowLabels ?? []).map(label => [...label].slice(0, longestLabel).join(''));
  const share = count / Math.max(1, labels.length);
  const shareRows = Math.ceil(share / columns);
  const head = options.cellLabels ? lineHeight : 0;
  const image = { width: options.width * scale, height: options.height * scale };
  const step = {
    x: image.width + gap,
    y: head + Math.max(image.height, labels.length > 0 ? lineHeight : 0) + gap,
  };
  const origin = {
    x: margin + (labels.length > 0 ? Math.max(...labels.map(textWidth)) + labelGap : 0),
    y: margin + (options.title === undefined ? 0 : lineHeight),
  };
  const rows = shareRows * Math.max(1, labels.length);
  return {
    width: Math.max(
      origin.x + Math.min(columns, share) * step.x - gap + margin,
      textWidth(options.title ?? '') + 2 * margin,
    ),
    height: origin.y + rows * step.y - gap + margin,
    scale,
    title: { x: margin, y: margin },
    rowLabels: labels.map((text, index) => ({
      text,
      x: origin.x - labelGap - textWidth(text),
      y: origin.y + index * shareRows * step.y + head + Math.max(0, (image.height - lineHeight) >> 1),
    })),
    images: Array.from({ length: count }, (_, index) => ({
      x: origin.x + ((index % share) % columns) * step.x,
      y:
        origin.y +
        (Math.floor(index / share) * shareRows + Math.floor((index % share) / columns)) * step.y +
        head,
    })),
  };
}
