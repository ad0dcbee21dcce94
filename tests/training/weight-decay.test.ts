import { weightDecayCases } from './weight-decay-cases.ts';

// On TensorFlow as it is set up on this machine.
weightDecayCases();
