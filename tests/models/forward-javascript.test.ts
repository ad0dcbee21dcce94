import { forwardCases } from './forward-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
forwardCases('javascript');
