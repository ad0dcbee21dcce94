import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeProject } from '../../rig/pipe.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { compile, runProgram } from './child.ts';

const { kind } = await testTensorFlow();

test.runIf(kind === 'native-cpu')(
  'memory that a thread of a kernel cannot get fails the operation alone',
  async () => {
    const { dir } = await makeProject();
    const library = join(dir, 'failing-new.so');
    const source = fileURLToPath(new URL('failing-new.cc', import.meta.url));
    await compile('-shared', '-fPIC', source, '-o', library);
    const lines = await runProgram(new URL('out-of-memory-process.ts', import.meta.url), {
      LD_PRELOAD: library,
      TF_NUM_INTRAOP_THREADS: '3',
    });
    expect(lines.split('\n')).toEqual([
      expect.stringContaining('out of memory'),
      expect.stringContaining('out of memory'),
      '64,2,2,2: 2048',
    ]);
  },
);
