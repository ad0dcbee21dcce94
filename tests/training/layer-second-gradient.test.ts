import { layerSecondGradientCases } from './layer-second-gradient-cases.ts';

// On TensorFlow as it is set up on this machine.
layerSecondGradientCases();
