import { Type } from 'typebox';
import type { Random } from '../core/random.ts';
import { product, type Shape } from './shape.ts';

/** Inputs and outputs of one unit of a kernel. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

interface Options {
  readonly gain: number;
  readonly mean: number;
  readonly stddev: number;
  readonly minval: number;
  readonly maxval: number;
  readonly value: number;
}

/** Fills `values`, which have this shape. */
type Fill = (values: Float32Array, random: Random, shape: Shape, fans: Fans, options: Options) => void;

const each = (values: Float32Array, next: () => number): void => {
  for (let index = 0; index < values.length; index++) values[index] = next();
};

/** A standard normal that lies within two standard deviations. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** The standard deviation of a standard normal that is cut off at ±2. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

type Fan = (fans: Fans) => number;
const inputs: Fan = ({ fanIn }) => fanIn;
const both: Fan = ({ fanIn, fanOut }) => (fanIn + fanOut) / 2;

/** Uniform with the variance `scale / fan`. */
const scaledUniform =
  (scale: number, fan: Fan): Fill =>
  (values, random, _shape, fans, { gain }) => {
    const limit = gain * Math.sqrt((3 * scale) / fan(fans));
    each(values, () => random.uniform(-limit, limit));
  };

/** Truncated normal with the variance `scale / fan`. */
const scaledNormal =
  (scale: number, fan: Fan): Fill =>
  (values, random, _shape, fans, { gain }) => {
    const stddev = (gain * Math.sqrt(scale / fan(fans))) / TRUNCATED_DEVIATION;
    each(values, () => stddev * truncatedNormal(random));
  };

/**
 * Orthogonal columns, or rows where those are fewer, of the length of the gain (Saxe et al. 2014): the Q of a Gaussian matrix's
 * QR decomposition, whose R has a positive diagonal. All axes but the last count as rows, as in Keras.
 */
function fillOrthogonal(
  values: Float32Array,
  random: Random,
  shape: Shape,
  _fans: Fans,
  { gain }: Options,
): void {
  const columns = shape[shape.length - 1] as number;
  const rows = values.length / columns;
  const basis = orthonormal(Math.min(rows, columns), Math.max(rows, columns), random);
  for (let index = 0; index < values.length; index++) {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const vector = basis[rows >= columns ? column : row] as Float64Array;
    values[index] = gain * (vector[rows >= columns ? row : column] as number);
  }
}

/** Orthonormal vectors, made of Gaussian ones by the modified Gram–Schmidt process. */
function orthonormal(count: number, length: number, random: Random): readonly Float64Array[] {
  const basis: Float64Array[] = [];
  for (let index = 0; index < count; index++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) subtract(vector, other, dot(vector, other));
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map(value => value / norm));
  }
  return basis;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] as number) * (right[index] as number);
  return sum;
}

function subtract(from: Float64Array, vector: Float64Array, factor: number): void {
  for (let index = 0; index < from.length; index++)
    from[index] = (from[index] as number) - factor * (vector[index] as number);
}

/** Initialisers of Keras by their names, in groups of the same options. */
const GROUPS = {
  /** Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998. */
  scaled: {
    glorotUniform: scaledUniform(1, both),
    glorotNormal: scaledNormal(1, both),
    heUniform: scaledUniform(2, inputs),
    heNormal: scaledNormal(2, inputs),
    lecunUniform: scaledUniform(1, inputs),
    lecunNormal: scaledNormal(1, inputs),
  },
  orthogonal: { orthogonal: fillOrthogonal },
  normal: {
    randomNormal: (values, random, _shape, _fans, { mean, stddev }) =>
      each(values, () => mean + stddev * random.normal()),
    truncatedNormal: (values, random, _shape, _fans, { mean, stddev }) =>
      each(values, () => mean + stddev * truncatedNormal(random)),
  },
  uniform: {
    randomUniform: (values, random, _shape, _fans, { minval, maxval }) =>
      each(values, () => random.uniform(minval, maxval)),
  },
  constant: {
    constant: (values, _random, _shape, _fans, { value }) => void values.fill(value),
  },
  fixed: {
    zeros: values => void values.fill(0),
    ones: values => void values.fill(1),
  },
} as const satisfies Record<string, Record<string, Fill>>;

type Groups = typeof GROUPS;
/** Keras's name of an initialiser. */
export type InitializerName = { [G in keyof Groups]: keyof Groups[G] }[keyof Groups];

/** An initialiser as people write it: `heNormal`, or `{ use: randomNormal, stddev: 0.02 }`. */
export type WrittenInitializer = InitializerName | ({ readonly use: InitializerName } & Partial<Options>);

const FILLS = Object.assign({}, ...Object.values(GROUPS)) as Readonly<Record<InitializerName, Fill>>;
const DEFAULTS: Options = { gain: 1, mean: 0, stddev: 0.05, minval: -0.05, maxval: 0.05, value: 0 };

/** Draws the initial values of a kernel. */
export function drawInitial(
  written: WrittenInitializer,
  shape: Shape,
  fans: Fans,
  random: Random,
): Float32Array {
  const { use, ...given } = typeof written === 'string' ? { use: written } : written;
  const values = new Float32Array(product(shape));
  FILLS[use](values, random, shape, fans, { ...DEFAULTS, ...given });
  return values;
}

const number = (name: keyof Options, description: string, bounds: { exclusiveMinimum?: number } = {}) => ({
  [name]: Type.Number({ ...bounds, default: DEFAULTS[name], description }),
});

const gain = number('gain', 'Multiplies the values.', { exclusiveMinimum: 0 });

const GROUP_SCHEMAS: Record<keyof Groups, { readonly description: string; readonly options: object }> = {
  scaled: {
    description: 'As wide as the numbers of inputs and outputs of a unit demand, around 0.',
    options: gain,
  },
  orthogonal: { description: 'Orthogonal columns, or rows where those are fewer.', options: gain },
  normal: {
    description: 'A normal distribution; the truncated one ends at two standard deviations.',
    options: {
      ...number('mean', 'The mean.'),
      ...number('stddev', 'The standard deviation.', { exclusiveMinimum: 0 }),
    },
  },
  uniform: {
    description: 'A uniform distribution.',
    options: { ...number('minval', 'The lower end.'), ...number('maxval', 'The upper end.') },
  },
  constant: { description: 'The same number everywhere.', options: number('value', 'The number.') },
  fixed: { description: 'Zeros or ones.', options: {} },
};

/** JSON Schema of a `WrittenInitializer`. */
export const initializerSchema = (description: string, initializer: InitializerName) =>
  Type.Unsafe<WrittenInitializer>({
    anyOf: [
      { type: 'string', enum: Object.keys(FILLS) },
      {
        definition: 'initializer',
        type: 'object',
        discriminator: { propertyName: 'use' },
        required: ['use'],
        oneOf: (Object.keys(GROUPS) as (keyof Groups)[]).map(group => ({
          type: 'object',
          description: GROUP_SCHEMAS[group].description,
          properties: { use: { enum: Object.keys(GROUPS[group]) }, ...GROUP_SCHEMAS[group].options },
          required: ['use'],
          additionalProperties: false,
        })),
      },
    ],
    expected: 'an initialiser such as heNormal, or mapping with use',
    default: initializer,
    description,
  });
