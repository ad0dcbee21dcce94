import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pipeHome } from '../../../src/host/paths.ts';
import { backendChange, backendKey } from '../../../src/run/fingerprint/backend.ts';
import { temporaryFolder } from '../rig.ts';

describe('the identity of a TensorFlow changes with', () => {
  test.each([
    ['TF_ENABLE_ONEDNN_OPTS', '0'],
    ['TF_DETERMINISTIC_OPS', '1'],
    ['NVIDIA_TF32_OVERRIDE', '0'],
    ['XLA_FLAGS', '--xla_cpu_enable_fast_math=true'],
    ['ONEDNN_MAX_CPU_ISA', 'AVX2'],
    ['MKL_CBWR', 'COMPATIBLE'],
  ])('%s, and says so', async (name, value) => {
    const [before, after] = [
      await backendKey(process.env),
      await backendKey({ ...process.env, [name]: value }),
    ];
    expect(before).toMatch(/^native-/);
    expect(after).not.toBe(before);
    expect(backendChange(before, after)).toBe(`${name} – → ${value}`);
    expect(backendChange(after, before)).toBe(`${name} ${value} → –`);
  });
});

test('with another number of threads sums are added up in another order, and the last digits differ', async () => {
  const keys = ['3', '5'].map(count => backendKey({ ...process.env, TF_NUM_INTRAOP_THREADS: count }));
  const [three = '', five = ''] = await Promise.all(keys);
  expect(backendChange(three, five)).toBe('threads 3 → 5');
});

test('with kernels of another compiler, whose arithmetic differs in the last digits', async () => {
  const home = await temporaryFolder();
  const own = join(pipeHome(process.env), 'tensorflow');
  const [release = ''] = readdirSync(own).filter(name => name.endsWith('-cpu'));
  mkdirSync(join(home, 'tensorflow', release), { recursive: true });
  for (const name of readdirSync(join(own, release)))
    symlinkSync(join(own, release, name), join(home, 'tensorflow', release, name));
  const env = { ...process.env, PIPE_HOME: home };
  const before = await backendKey(env);
  // Those of earlier sources may lie beside them.
  for (const kernels of readdirSync(join(own, release)).filter(name => name.startsWith('kernels-'))) {
    const copy = join(home, 'tensorflow', release, kernels);
    rmSync(copy);
    writeFileSync(copy, Buffer.concat([readFileSync(join(own, release, kernels)), Buffer.from([0])]));
  }
  expect(backendChange(before, await backendKey(env))).toMatch(/^kernels \S+ → \S+$/);
});

describe('it stays the same with', () => {
  test.each([
    ['TF_ENABLE_ONEDNN_OPTS', '1'],
    ['TF_CPP_MIN_LOG_LEVEL', '0'],
    ['ONEDNN_VERBOSE', '1'],
    ['CUDA_CACHE_PATH', '/tmp'],
    ['EDITOR', 'vi'],
  ])('%s=%s', async (name, value) => {
    expect(await backendKey({ ...process.env, [name]: value })).toBe(await backendKey(process.env));
  });

  test('as many threads, though by another variable', async () => {
    const [asked, other] = [{ TF_NUM_INTRAOP_THREADS: '3' }, { OMP_NUM_THREADS: '3' }];
    expect(await backendKey({ ...process.env, ...asked })).toBe(
      await backendKey({ ...process.env, ...other }),
    );
  });

  test('any of them on the JavaScript backend, which reads none', async () => {
    const env = { ...process.env, PIPE_BACKEND: 'javascript' };
    expect(await backendKey({ ...env, TF_ENABLE_ONEDNN_OPTS: '0' })).toBe(await backendKey(env));
  });
});
