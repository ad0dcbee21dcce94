import { describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { bindImageNetwork } from '../../src/models/image-network.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

const artifact = await tinyDataset();

const bind = (layers: readonly LayerSpec[], blocks = {}) =>
  bindImageNetwork('classifier', { layers, blocks }, artifact, [artifact.classes.length]);

const head = { use: 'dense', units: 'classes' };

describe('a network that takes the images of a data set', () => {
  test('has their shape, and ends in the shape asked for', () => {
    const { height, width, channels, classes } = artifact;
    const network = bind([{ use: 'flatten' }, head]);
    expect(network.input).toEqual([height, width, channels]);
    expect(network.output).toEqual([classes.length]);
  });

  test('that ends in another shape is refused', () => {
    expect(() => bind([{ use: 'flatten' }, { use: 'dense', units: 1 }])).toThrow(
      expect.objectContaining({
        code: 'shape-mismatch',
        message: `classifier: the network ends in [B, 1], and [B, ${artifact.classes.length}] is needed.`,
      }) as Error,
    );
  });

  test('may have blocks, whose mistakes are told together', () => {
    const blocks = { wide: { params: { units: null }, layers: [{ use: 'dense', units: 'units' }] } };
    const layers = (...uses: readonly object[]) =>
      [{ use: 'flatten' }, ...uses, head] as readonly LayerSpec[];
    expect(bind(layers({ block: 'wide', units: 8 }), blocks).output).toEqual([artifact.classes.length]);
    expect(() => bind(layers({ block: 'wide' }, { block: 'wyde', units: 8 }), blocks)).toThrow(
      expect.objectContaining({ exitCode: 2, details: [expect.stringContaining('wyde')] }) as Error,
    );
  });
});
