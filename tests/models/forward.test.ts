import { contractCases } from './contract-cases.ts';
import { forwardCases } from './forward-cases.ts';
import { rewriteCases } from './rewrite-cases.ts';

// On TensorFlow as it is set up on this machine.
forwardCases();
contractCases();
rewriteCases();
