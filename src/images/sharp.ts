import type Sharp from 'sharp';
import { usableProcessors } from '../host/processors.ts';

let loaded: Promise<typeof Sharp> | undefined;

/** Sharp with one thread per usable processor; `VIPS_CONCURRENCY` takes precedence. */
export function loadSharp(): Promise<typeof Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    if (!process.env['VIPS_CONCURRENCY']) sharp.concurrency(usableProcessors());
    return sharp;
  });
  return loaded;
}
