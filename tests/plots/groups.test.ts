import { expect, test } from 'vitest';
import { quantityOf } from '../../src/plots/groups.ts';

test.each([
  ['loss', 'loss', ''],
  ['d_loss', 'loss', 'd'],
  ['val_loss', 'loss', 'val'],
  ['Discriminator/loss', 'loss', 'Discriminator'],
  ['d_loss_real', 'loss real/fake', 'd_real'],
  ['d_class_accuracy', 'class_accuracy', 'd'],
  ['test_macro_f1', 'macro_f1', 'test'],
  ['test', 'test', ''],
  ['real', 'real', ''],
  ['d_real', 'real', 'd'],
  ['density', 'density', ''],
  ['__', '', ''],
])('%s is %s', (metric, name, of) => {
  expect(quantityOf(metric)).toMatchObject({ name, of });
});
