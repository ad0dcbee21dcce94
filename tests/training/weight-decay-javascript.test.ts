import { weightDecayCases } from './weight-decay-cases.ts';

// On the pure JavaScript backend, whose fused operations are compositions.
weightDecayCases('javascript');
