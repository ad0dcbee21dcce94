import type { AnyLayerKind } from '../layer.ts';
import { activation } from './activation.ts';
import { batchNormalization } from './batch-normalization.ts';
import { classHead } from './class-head.ts';
import { concatenateLabel } from './concatenate-label.ts';
import { conv2dTranspose } from './conv2d-transpose.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { dropout, spatialDropout2d } from './dropout.ts';
import { embedding } from './embedding.ts';
import { flatten } from './flatten.ts';
import { groupNormalization } from './group-normalization.ts';
import { layerNormalization } from './layer-normalization.ts';
import { leakyReLU } from './leaky-relu.ts';
import { gaussianNoise } from './noise.ts';
import { parallel } from './parallel.ts';
import { averagePooling2d, globalAveragePooling2d, globalSumPooling2d, maxPooling2d } from './pooling.ts';
import { prelu } from './prelu.ts';
import { projection } from './projection.ts';
import { reshape } from './reshape.ts';
import { residual } from './residual.ts';
import { sequential } from './sequential.ts';
import { upSampling2d } from './up-sampling2d.ts';
import { zeroPadding2d } from './zero-padding2d.ts';

/** Built-in kinds of layers by the name written in YAML. */
export const layerKinds: ReadonlyMap<string, AnyLayerKind> = new Map(
  [
    dense,
    reshape,
    upSampling2d,
    conv2d,
    conv2dTranspose,
    depthwiseConv2d,
    batchNormalization,
    layerNormalization,
    groupNormalization,
    leakyReLU,
    prelu,
    activation,
    flatten,
    dropout,
    spatialDropout2d,
    gaussianNoise,
    concatenateLabel,
    embedding,
    zeroPadding2d,
    maxPooling2d,
    averagePooling2d,
    globalAveragePooling2d,
    globalSumPooling2d,
    residual,
    parallel,
    projection,
    classHead,
    sequential,
  ].map(kind => [kind.type, kind] as [string, AnyLayerKind]),
);
