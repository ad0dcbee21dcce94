import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { formatShape, ShapeError } from '../shape.ts';
import { plus, type Size } from '../size.ts';

/** Conditioning on the class (Mirza & Osindero 2014): the label joins the input. */
export const concatenateLabel = defineLayer({
  type: 'concatenate-label',
  description: 'Appends the one-hot label: to rows as numbers, to images as one constant channel per class.',
  params: Type.Object({}),
  takesLabels: () => true,
  outputShape: (input, _params, { classes }) => {
    if (input.length !== 1 && input.length !== 3)
      throw new ShapeError(`needs rows or images, and gets ${formatShape(input)}`);
    return [...input.slice(0, -1), plus(input[input.length - 1] as Size, classes)];
  },
  apply: (x, _params, { tensorflow: { tf }, labels }) => {
    if (labels === undefined) throw new Error('a conditional network was run without labels');
    const classes = labels.shape[1] as number;
    if (x.rank === 2) return { y: tf.concat([x, labels], 1) };
    const [batch, height, width] = x.shape as [number, number, number];
    const maps = labels.reshape([batch, 1, 1, classes]).tile([1, height, width, 1]);
    return { y: tf.concat([x, maps], 3) };
  },
  export: (x, _params, { tf, name, labels, input, dimensions }) => {
    if (labels === undefined) throw new Error('a conditional network was exported without labels');
    const concatenate = tf.layers.concatenate({ name, axis: -1 });
    if (input.length === 1) return { y: concatenate.apply([x, labels]) as Tf.SymbolicTensor };
    const [height, width] = input as [number, number];
    const repeated = tf.layers.repeatVector({ name: `${name}_repeat`, n: height * width }).apply(labels);
    const maps = tf.layers
      .reshape({ name: `${name}_maps`, targetShape: [height, width, dimensions.classes] })
      .apply(repeated) as Tf.SymbolicTensor;
    return { y: concatenate.apply([x, maps]) as Tf.SymbolicTensor };
  },
});
