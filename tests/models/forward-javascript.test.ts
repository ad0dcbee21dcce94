import { contractCases } from './contract-cases.ts';
import { forwardCases } from './forward-cases.ts';
import { rewriteCases } from './rewrite-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
forwardCases('javascript');
contractCases('javascript');
rewriteCases('javascript');
