/** A kind of artifact of one's own: what class-means.ts makes and nearest-mean.ts takes. */
import { defineArtifact, Type } from 'pipe';

const whole = (minimum: number, description: string) => Type.Integer({ minimum, description });

export const classMeans = defineArtifact('class-means', {
  description: 'The mean picture of each class.',
  schema: Type.Object({
    means: Type.String({
      description: 'float32 [classes, height, width, channels], as bytes from 0 to 255.',
    }),
    classes: Type.Array(Type.String(), {
      minItems: 1,
      description: 'Their names, in the order of the labels.',
    }),
    counts: Type.Array(whole(0, 'Pictures.'), { description: 'How many pictures each mean is of.' }),
    height: whole(1, 'In pixels.'),
    width: whole(1, 'In pixels.'),
    channels: whole(1, '1 or 3.'),
  }),
  files: ['means'],
  check({ means, classes, counts, height, width, channels }, files) {
    const expected = classes.length * height * width * channels * Float32Array.BYTES_PER_ELEMENT;
    const size = files.size(means);
    return [
      ...(size === expected ? [] : [`means is ${means} of ${size} bytes; expected ${expected}`]),
      ...(counts.length === classes.length ? [] : ['counts has not a number for each class']),
    ];
  },
});
