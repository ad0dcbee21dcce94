import { divide, formatSize, isKnown, isSame, times, UNKNOWN, type Size } from './size.ts';

/** Shape of one example between layers, without the batch axis: `[units]` or `[height, width, channels]`. */
export type Shape = readonly number[];

/** Shape before the data is read: sizes that depend on it are symbolic. */
export type SymbolicShape = readonly Size[];

/** Names in the sizes of a network: the data's dimensions and the latent dimension. */
export const DIMENSIONS = ['height', 'width', 'channels', 'classes', 'latent'] as const;

export type Dimensions = Readonly<Record<(typeof DIMENSIONS)[number], number>>;

export type SymbolicDimensions = Readonly<Record<keyof Dimensions, Size>>;

interface ShapeErrorDetails {
  /** Intended output of the layer, with which inference continues. */
  readonly meant?: SymbolicShape;
  readonly hint?: string;
}

/** A layer cannot take its input's shape. `infer.ts` adds the layer's name. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly details: ShapeErrorDetails;

  constructor(message: string, details: ShapeErrorDetails = {}) {
    super(message);
    this.details = details;
  }
}

/** A size in YAML: an integer, or a product such as `height / 4 * width / 4 * 128`, evaluated from left to right. */
export type WrittenSize = number | string;

const FACTOR = `(\\d+|${DIMENSIONS.join('|')})`;
const SIZE_PATTERN = `^ *${FACTOR}( *[*/] *${FACTOR})* *$`;

/** JSON Schema of a `WrittenSize`. */
export const sizeSchema = (description: string) => ({
  anyOf: [
    { type: 'integer', minimum: 1 },
    { type: 'string', pattern: SIZE_PATTERN },
  ],
  expected: 'a whole number above 0, or a product such as height / 4 * 128',
  description: `${description} An integer, or a product such as \`height / 4 * 128\` of ${DIMENSIONS.join(', ')}.`,
});

/** Evaluates a size. Throws a ShapeError when it is not a whole positive number. */
export function resolveSize(size: WrittenSize, dimensions: Dimensions): number;
export function resolveSize(size: WrittenSize, dimensions: SymbolicDimensions): Size;
export function resolveSize(size: WrittenSize, dimensions: SymbolicDimensions): Size {
  const value = evaluateSize(size, dimensions);
  if (isPossible(value)) return value;
  throw notWhole(size, value, dimensions);
}

/** Evaluates the sizes of a shape. Throws a ShapeError when one is not a whole positive number. */
export function resolveSizes(sizes: readonly WrittenSize[], dimensions: Dimensions): Shape;
export function resolveSizes(sizes: readonly WrittenSize[], dimensions: SymbolicDimensions): SymbolicShape;
export function resolveSizes(sizes: readonly WrittenSize[], dimensions: SymbolicDimensions): SymbolicShape {
  const values = sizes.map(size => evaluateSize(size, dimensions));
  const wrong = values.findIndex(value => !isPossible(value));
  if (wrong === -1) return values;
  throw notWhole(sizes[wrong] as WrittenSize, values[wrong] as Size, dimensions, values);
}

function evaluateSize(size: WrittenSize, dimensions: SymbolicDimensions): Size {
  if (typeof size === 'number') return size;
  const tokens = size.split(/([*/])/).map(token => token.trim());
  return tokens.reduce<Size>((result, token, index) => {
    if (index % 2 === 1) return result;
    const factor = /^\d+$/.test(token) ? Number(token) : dimensions[token as keyof Dimensions];
    return tokens[index - 1] === '/' ? divide(result, factor) : times(result, factor);
  }, 1);
}

const isPossible = (value: Size): boolean => !isKnown(value) || (Number.isInteger(value) && value > 0);

function notWhole(
  size: WrittenSize,
  value: Size,
  dimensions: SymbolicDimensions,
  meant?: SymbolicShape,
): ShapeError {
  const text = String(size).trim();
  const hint = fittingImages(size, dimensions);
  return new ShapeError(
    `\`${text}\` is ${formatSize(value)} for these images, and must be a whole number above 0`,
    { ...(meant && { meant }), ...(hint !== undefined && { hint }) },
  );
}

const LARGEST_DIVISOR = 1024;

/** Hint for a size that divides the images' height or width: the images that it fits. */
function fittingImages(size: WrittenSize, dimensions: SymbolicDimensions): string | undefined {
  const sides = (['height', 'width'] as const).filter(side => String(size).includes(side));
  const length = sides[0] && dimensions[sides[0]];
  if (length === undefined || !isKnown(length)) return undefined;
  const candidates = Array.from({ length: LARGEST_DIVISOR }, (_, index) => index + 1);
  const divisor = candidates.find(each => {
    const sizes = Object.fromEntries(sides.map(side => [side, each]));
    return isPossible(evaluateSize(size, { ...dimensions, ...sizes }));
  });
  if (divisor === undefined) return undefined;
  const below = Math.floor(length / divisor) * divisor;
  const fitting = [below, below + divisor].filter(each => each > 0).join(' or ');
  return `Take images whose ${sides.join(' and ')} can be divided by ${divisor}, such as ${fitting}, or change the network.`;
}

export const product = (shape: Shape): number => shape.reduce((total, size) => total * size, 1);

export const symbolicProduct = (shape: SymbolicShape): Size => shape.reduce<Size>(times, 1);

/** True for shapes that are equal whatever the data; undefined where that depends on it. */
export function isSameShape(left: SymbolicShape, right: SymbolicShape): boolean | undefined {
  if (left.length !== right.length) return false;
  const equal = left.map((size, axis) => isSame(size, right[axis] as Size));
  if (equal.includes(false)) return false;
  return equal.includes(undefined) ? undefined : true;
}

export const isKnownShape = (shape: SymbolicShape): shape is Shape => shape.every(isKnown);

export const formatShape = (shape: SymbolicShape): string =>
  `[${['B', ...shape.map(formatSize)].join(', ')}]`;

/** Image shape with known channels and unknown sides. */
export const imageOf = (channels: Size): SymbolicShape => [UNKNOWN, UNKNOWN, channels];

/** Height, width and channels of an image shape; throws a ShapeError for any other. */
export function imageShape<S extends Size>(shape: readonly S[], meant?: SymbolicShape): readonly [S, S, S] {
  const [height, width, channels] = shape;
  if (shape.length === 3 && height !== undefined && width !== undefined && channels !== undefined)
    return [height, width, channels];
  throw new ShapeError(
    `needs an image [B, height, width, channels], and gets ${formatShape(shape)}`,
    meant && { meant },
  );
}
