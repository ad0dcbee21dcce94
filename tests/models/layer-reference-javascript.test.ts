import { layerReferenceCases } from './layer-reference-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
layerReferenceCases('javascript');
