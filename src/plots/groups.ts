/** Which metrics of an experiment share a panel: the same quantity, measured of several networks or parts of the data. */

/** Words in front of a metric's name that say of what it is measured. */
const OF = new Set([
  ...['d', 'disc', 'discriminator', 'critic', 'g', 'gen', 'generator'],
  ...['train', 'training', 'val', 'valid', 'validation', 'test', 'eval'],
]);

/** Words at its end that say of which pictures. */
const PICTURES = new Set(['real', 'fake']);

export interface Quantity {
  /** `loss` for `d_loss`, `g_loss` and `val_loss`; `loss real/fake` for `d_loss_real` and `d_loss_fake`. */
  readonly name: string;
  /** The rest of the metric's name, the same for `val_loss` and `val_accuracy`: they get the same color. */
  readonly of: string;
  readonly isOfPictures: boolean;
}

export function quantityOf(metric: string): Quantity {
  const words = metric.split(/[_./\s-]+/).filter(word => word !== '');
  let from = 0;
  while (from < words.length - 1 && OF.has(lower(words[from]))) from++;
  const isOfPictures = from < words.length - 1 && PICTURES.has(lower(words.at(-1)));
  const to = isOfPictures ? words.length - 1 : words.length;
  return {
    name: `${words.slice(from, to).join('_')}${isOfPictures ? ' real/fake' : ''}`,
    of: [...words.slice(0, from), ...words.slice(to)].join('_'),
    isOfPictures,
  };
}

const lower = (word: string | undefined): string => (word ?? '').toLowerCase();
