import { layerReferenceCases } from './layer-reference-cases.ts';

// On TensorFlow as it is set up on this machine.
layerReferenceCases();
