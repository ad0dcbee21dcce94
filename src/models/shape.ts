/** The shape of one example between layers, without the batch axis: `[units]` or `[height, width, channels]`. */
export type Shape = readonly number[];

/** What sizes in a network may refer to: the data's dimensions and the latent dimension. */
export interface Dimensions {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  readonly latent: number;
}

/** A layer cannot take the shape that comes to it. `network.ts` adds the layer's name. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** A size in YAML: an integer, or a product such as `height / 4 * width / 4 * 128`, worked out from left to right. */
export type Size = number | string;

const SIZE_PATTERN =
  '^ *(\\d+|height|width|channels|classes|latent)( *[*/] *(\\d+|height|width|channels|classes|latent))* *$';

/** The JSON Schema of a `Size`. */
export const sizeSchema = (description: string) => ({
  anyOf: [
    { type: 'integer', minimum: 1 },
    { type: 'string', pattern: SIZE_PATTERN },
  ],
  expected: 'a whole number above 0, or a product such as height / 4 * 128',
  description: `${description} An integer, or a product such as \`height / 4 * 128\` of height, width, channels, classes, latent.`,
});

/** Works a size out; throws a ShapeError when it is not a whole positive number. */
export function resolveSize(size: Size, dimensions: Dimensions): number {
  if (typeof size === 'number') return size;
  const tokens = size.split(/([*/])/).map(token => token.trim());
  const value = tokens.reduce((result, token, index) => {
    if (index % 2 === 1) return result;
    const factor = /^\d+$/.test(token) ? Number(token) : dimensions[token as keyof Dimensions];
    return tokens[index - 1] === '/' ? result / factor : result * factor;
  }, 1);
  if (Number.isInteger(value) && value > 0) return value;
  throw new ShapeError(`\`${size.trim()}\` is ${value} for these images, and must be a whole number above 0`);
}

export const product = (shape: Shape): number => shape.reduce((total, size) => total * size, 1);

export const formatShape = (shape: Shape): string => `[${['B', ...shape].join(', ')}]`;

/** Height, width and channels of an image shape; throws a ShapeError for any other. */
export function imageShape(shape: Shape): readonly [number, number, number] {
  const [height, width, channels] = shape;
  if (shape.length === 3 && height !== undefined && width !== undefined && channels !== undefined)
    return [height, width, channels];
  throw new ShapeError(`needs an image [B, height, width, channels], and gets ${formatShape(shape)}`);
}
