/** Before `npm pack` and `npm publish`: everything that an installed package has, prebuilt. */
import { build } from './build.js';

await build();
await import('./build-types.js');
