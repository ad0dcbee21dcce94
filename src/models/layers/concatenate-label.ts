import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { plus, type Size } from '../size.ts';
import { checkRowsOrImages, exportWithVector, withVector } from './label-maps.ts';

/** Conditioning on the class (Mirza & Osindero 2014): the label joins the input. */
export const concatenateLabel = defineLayer({
  type: 'concatenate-label',
  description: 'Appends the one-hot label: to rows as numbers, to images as one constant channel per class.',
  params: Type.Object({}),
  takesLabels: () => true,
  outputShape: (input, _params, { classes }) => {
    checkRowsOrImages(input);
    return [...input.slice(0, -1), plus(input[input.length - 1] as Size, classes)];
  },
  apply: (x, _params, { tensorflow: { tf }, labels }) => {
    if (labels === undefined) throw new Error('a conditional network was run without labels');
    return { y: withVector(tf, x, labels) };
  },
  export: (x, _params, context) => {
    if (context.labels === undefined) throw new Error('a conditional network was exported without labels');
    return { y: exportWithVector(x, context.labels, context.dimensions.classes, context) };
  },
});
