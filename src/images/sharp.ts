import type Sharp from 'sharp';
import { usableProcessors } from '../host/processors.ts';

let loaded: Promise<typeof Sharp> | undefined;

/** Sharp with as many threads for a picture as there are processors to use; `VIPS_CONCURRENCY` wins. */
export function loadSharp(): Promise<typeof Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    if (!process.env['VIPS_CONCURRENCY']) sharp.concurrency(usableProcessors());
    return sharp;
  });
  return loaded;
}
