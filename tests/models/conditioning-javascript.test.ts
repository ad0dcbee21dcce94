import { conditioningCases } from './conditioning-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
conditioningCases('javascript');
