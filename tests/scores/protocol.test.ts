import { expect, test } from 'vitest';
import { isProtocol } from '../../src/core/protocol.ts';
import { protocolOf } from '../../src/scores/protocol.ts';

const REFERENCE = {
  embedding: { id: 'resnet@1a2b3c4d', name: 'resnet', width: 128, probabilities: 10, classes: [] },
  reference: { sha256: '9f3e2a11'.padEnd(64, '0'), count: 10_000 },
  compared: 10_000,
  settings: { count: 10_000, neighbours: 5, subsets: 50, subsetSize: 1000, seed: 1 },
} as unknown as Parameters<typeof protocolOf>[0];

test('a protocol has all that scores depend on', () => {
  const protocol = protocolOf(REFERENCE, { count: 10_000, seen: 0 });
  expect(protocol).toBe('resnet@1a2b3c4d/10000x10000/reference=9f3e2a11/k=5/kid=50x1000/v1');
  expect(isProtocol(protocol)).toBe(true);
});

test('a generator that has seen the held-out pictures has another protocol; twins of a few do not count', () => {
  expect(protocolOf(REFERENCE, { count: 10_000, seen: 10_000 })).toMatch(/\/seen-in-training$/);
  expect(protocolOf(REFERENCE, { count: 10_000, seen: 3 })).not.toContain('seen');
  expect(protocolOf(REFERENCE, { count: 10_000, seen: undefined })).not.toContain('seen');
});
