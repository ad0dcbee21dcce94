import { Type } from 'typebox';
import { formatShape, imageOf, imageShape, ShapeError, type SymbolicShape } from '../shape.ts';
import { dividedUp, isKnown, minus, type Size } from '../size.ts';

/** Parameters of a convolution's window. */
export const windowParams = {
  kernelSize: Type.Integer({ minimum: 1, description: 'Height and width of the kernel.' }),
  strides: Type.Integer({ minimum: 1, default: 1, description: 'Step between outputs, both ways.' }),
  padding: Type.Union([Type.Literal('same'), Type.Literal('valid')], {
    default: 'same',
    description: '`same` pads with zeros, `valid` does not.',
  }),
};

interface Window {
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'same' | 'valid';
}

/** Output shape of a window that moves over an image. Throws a ShapeError for a window larger than the image. */
export function windowedShape(
  input: SymbolicShape,
  { kernelSize, strides, padding }: Window,
  filters: Size,
): SymbolicShape {
  const [height, width] = imageShape(input, imageOf(filters));
  const lost = padding === 'same' ? 0 : kernelSize - 1;
  const output = [height, width].map(length => dividedUp(minus(length, lost), strides));
  if (output.some(length => isKnown(length) && length < 1))
    throw new ShapeError(`has a kernel of ${kernelSize}×${kernelSize}, larger than ${formatShape(input)}`, {
      meant: imageOf(filters),
    });
  return [...output, filters];
}
