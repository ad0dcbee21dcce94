import { layerSecondGradientCases } from './layer-second-gradient-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
layerSecondGradientCases('javascript');
