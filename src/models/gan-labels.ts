import { classHead } from './layers/class-head.ts';
import { flattened, type InferredLayer, type InferredNetwork, type LayerMistake } from './network.ts';
import type { Size } from './size.ts';

/** Mistake in what the networks of a GAN know of the classes: at a layer or, with an empty path, at a network. */
export interface LabelMistake extends LayerMistake {
  readonly network: 'generator' | 'discriminator';
  readonly code: string;
}

/** One network and the layers by which it knows the classes, as far as they are known. */
interface Side {
  readonly network: LabelMistake['network'];
  readonly conditional: boolean;
  /** The first one that takes the label. */
  readonly label: InferredLayer | undefined;
  readonly head: InferredLayer | undefined;
  /** False where layers behind a mistake are unknown. */
  readonly isKnown: boolean;
}

type Rule = (generator: Side, discriminator: Side, classes: Size) => LabelMistake | undefined;

/**
 * Mistake in what the networks know of the classes, if there is one. Both know them or neither: the generator by the label, the
 * discriminator by the label or by a class head.
 */
export function labelMistakes(
  generator: InferredNetwork,
  discriminator: InferredNetwork,
  classes: Size,
): readonly LabelMistake[] {
  const sides = [sideOf('generator', generator), sideOf('discriminator', discriminator)] as const;
  for (const rule of RULES) {
    const mistake = rule(...sides, classes);
    if (mistake !== undefined) return [mistake];
  }
  return [];
}

const RULES: readonly Rule[] = [
  ({ network, head }) =>
    head &&
    mistakeAt(network, head, 'misplaced-class-head', {
      message: 'tells the classes of images, and a generator draws them',
      hint: 'Put it into the discriminator.',
    }),
  (generator, discriminator, classes) => {
    const side = [generator, discriminator].find(
      ({ conditional, head }) => conditional || head !== undefined,
    );
    if (side === undefined || classes !== 1) return undefined;
    return mistakeAt(side.network, side.label ?? side.head, 'one-class', {
      message: 'distinguishes classes, and the data has a single one',
      hint: 'Take data of several classes, or a model without labels, such as dcgan.',
    });
  },
  (generator, discriminator) => {
    const isBlind = discriminator.isKnown && !discriminator.conditional && discriminator.head === undefined;
    if (!generator.conditional || !isBlind) return undefined;
    return mistakeAt(generator.network, generator.label, 'half-conditional', {
      message: 'takes the label, and the discriminator does not',
      hint: 'Put a concatenate-label, a projection or a class-head into the discriminator, or leave this layer out.',
    });
  },
  (generator, { network, conditional, label, head }) => {
    if (generator.conditional || !(conditional || head !== undefined)) return undefined;
    return mistakeAt(network, label ?? head, 'half-conditional', {
      message: `${conditional ? 'takes the label' : 'learns the classes of images'}, and the generator does not take the label`,
      hint: 'Put a concatenate-label into the generator, or conditional: true at its batchNormalization, or leave this layer out.',
    });
  },
  (_generator, { network, label, head }) => {
    if (label === undefined || head === undefined || label.position > head.position) return undefined;
    return mistakeAt(network, head, 'told-class', {
      message: `learns the classes of images, which ${label.name} before it is told`,
      hint: 'Put the class-head before it, or keep one of the two.',
    });
  },
];

function sideOf(network: Side['network'], { layers, conditional, output }: InferredNetwork): Side {
  const all = flattened(layers);
  return {
    network,
    conditional,
    label: all.find(({ kind, params }) => kind.takesLabels?.(params) === true),
    head: all.find(({ kind }) => kind.type === classHead.type),
    isKnown: output !== undefined,
  };
}

const mistakeAt = (
  network: Side['network'],
  layer: InferredLayer | undefined,
  code: string,
  { message, hint }: Pick<LayerMistake, 'message' | 'hint'>,
): LabelMistake => ({
  network,
  code,
  path: layer?.place.path ?? [],
  message: `${layer?.place.label ?? network}: ${message}`,
  details: [],
  hint,
});
