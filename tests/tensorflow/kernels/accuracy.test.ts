import { execa } from 'execa';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { findCompiler } from '../../../src/tensorflow/provision/compiler.ts';
import { kernelsIn } from '../../../src/tensorflow/provision/kernels.ts';
import { makeProject } from '../../rig/pipe.ts';
import { compile } from './child.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe.skipIf((await findCompiler(process.env)) === undefined)(
  'rounding errors of minimal filtering',
  () => {
    let program: string;
    beforeAll(async () => {
      program = join((await makeProject()).dir, 'accuracy');
      const flags = ['-O2', '-pthread', ...(kernelsIn('')?.flags ?? [])];
      await compile(
        ...flags,
        '-I',
        path('../../../src/tensorflow/kernels'),
        path('accuracy.cc'),
        '-o',
        program,
      );
    });

    /** Relative to float64, of the output and the gradients of x and the kernel: by minimal filtering and by im2col. */
    async function errors(sizes: string) {
      const { stdout } = await execa(program, sizes.split(' '));
      const numbers = stdout.trim().split(' ').map(Number);
      return { filtered: numbers.slice(0, 3), direct: numbers.slice(3) };
    }

    // Batch, height, width, inputs, size, outputs, stride.
    test.each(['4 16 16 64 3 32 1', '8 4 4 128 3 32 1', '4 16 16 64 4 32 2', '2 32 32 16 5 32 2'])(
      'are small multiples of a direct convolution’s: %s',
      async sizes => {
        const { filtered, direct } = await errors(sizes);
        const bounds = [3, 7, 3.5];
        filtered.forEach((error, at) => expect(error).toBeLessThan(bounds[at]! * direct[at]!));
      },
    );

    test.each([
      ...[
        '1 1 1 1 3 1 1',
        '2 3 4 5 3 7 1',
        '1 4 5 17 3 33 1',
        '3 9 2 3 3 20 1',
        '2 13 7 33 3 18 1',
        '2 6 7 4 2 5 1',
      ],
      ...[
        '1 1 1 2 4 3 2',
        '2 2 3 5 4 7 2',
        '2 8 8 16 4 16 2',
        '1 9 8 3 4 33 2',
        '3 7 15 20 4 17 2',
        '1 18 17 5 4 6 2',
      ],
      ...[
        '2 1 2 3 3 4 2',
        '2 7 8 17 3 19 2',
        '1 9 11 5 3 33 2',
        '2 3 2 5 5 6 2',
        '2 9 10 17 5 20 2',
        '1 10 13 4 6 19 2',
      ],
    ])('are rounding errors, whatever the sizes: %s', async sizes => {
      const { filtered } = await errors(sizes);
      filtered.forEach(error => expect(error).toBeLessThan(2e-6));
    });
  },
);
