import { forwardCases } from './forward-cases.ts';

// On TensorFlow as it is set up on this machine.
forwardCases();
