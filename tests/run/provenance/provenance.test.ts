import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { collectProvenance, type Provenance } from '../../../src/run/provenance/provenance.ts';
import { temporaryFolder } from '../rig.ts';

let dir = '';

beforeEach(async () => {
  dir = realpathSync(await temporaryFolder());
});

const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
};

const git = (...args: readonly string[]) => execa('git', args, { cwd: dir });

const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
const commit = () => git(...author, 'commit', '-qm', 'x');

/** Begins a repository with a commit of everything that is there. */
async function commitAll(): Promise<void> {
  await git('init', '-q', '-b', 'main');
  await git('add', '.');
  await commit();
}

const collect = (sources: readonly string[], cwd = dir): Promise<Provenance> =>
  collectProvenance({ sources: sources.map(path => join(dir, path)) }, { cwd, env: {} });

const copied = ({ sourceFiles = [] }: Provenance) =>
  Object.fromEntries(sourceFiles.map(({ path, content }) => [path, Buffer.from(content).toString()]));

describe('changes of tracked files', () => {
  test('are a patch of the whole repository that gives them back, binary ones too, whatever git is set to', async () => {
    put('pipelines/x.yaml', 'a\n'.repeat(20));
    put('picture.bin', Uint8Array.of(0, 1, 2, 255));
    put('gone.txt', 'gone\n');
    await commitAll();
    const settings = {
      'diff.noprefix': 'true',
      'color.diff': 'always',
      'diff.relative': 'true',
      'diff.context': '0',
    };
    for (const [name, value] of Object.entries(settings)) await git('config', name, value);
    put('pipelines/x.yaml', `${'a\n'.repeat(10)}b\n${'a\n'.repeat(9)}`);
    put('picture.bin', Uint8Array.of(0, 9, 9, 255));
    put('added.txt', 'added\n');
    await git('add', 'added.txt');
    rmSync(join(dir, 'gone.txt'));

    const found = await collect([], join(dir, 'pipelines'));
    const { git: record } = found;
    expect(record).toMatchObject({ dirty: true, changedFiles: 4, patch: { path: 'source/changes.patch' } });
    const patch = found.sourceFiles?.[0]?.content ?? expect.fail('no patch');
    expect(record?.patch?.bytes).toBe(patch.length);

    await git('reset', '-q', '--hard');
    await execa('git', ['apply', '--index'], { cwd: dir, input: patch });
    expect((await git('diff', '--cached', '--name-only', '--no-relative')).stdout.split('\n')).toHaveLength(
      4,
    );
    expect(await readFile(join(dir, 'picture.bin'))).toEqual(Buffer.of(0, 9, 9, 255));
    expect(await readFile(join(dir, 'pipelines/x.yaml'), 'utf8')).toContain('a\nb\na\n');
  });

  test('that are too many are left out, which the record says; what the pipeline reads is copied then', async () => {
    put('x.yaml', 'a');
    put('large.bin', Uint8Array.of(1));
    await commitAll();
    const noise = Uint8Array.from({ length: 9_000_000 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);
    put(
      'large.bin',
      noise.map((byte, index) => byte ^ Math.imul(index ^ (index >>> 7), 0x85ebca6b)),
    );
    put('x.yaml', 'b');
    const found = await collect(['x.yaml']);
    expect(found.git).toMatchObject({ changedFiles: 2, patchLeftOut: 'it is larger than 10 MB' });
    expect(found.git?.patch).toBeUndefined();
    expect(copied(found)).toEqual({ 'source/files/x.yaml': 'b' });
  });
});

test('a submodule counts by its commit; what differs within it is told of, and no patch has it', async () => {
  const outer = dir;
  dir = join(outer, 'part');
  put('file', '1');
  await commitAll();
  dir = join(outer, 'whole');
  put('x.yaml', 'x');
  await commitAll();
  await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../part', 'part');
  await commit();
  put('part/file', '2');
  expect((await collect([])).git).toMatchObject({
    changedFiles: 1,
    patchLeftOut: 'only files within submodules differ',
  });
  await execa('git', [...author, 'commit', '-qam', 'y'], { cwd: join(dir, 'part') });
  const { sourceFiles: [patch] = [] } = await collect([]);
  expect(Buffer.from(patch?.content ?? []).toString()).toMatch(
    /^-Subproject commit .*\n\+Subproject commit /m,
  );
});

describe('the files that a pipeline is read from', () => {
  test('are hashed; those that git does not track are copied, and those outside of the repository', async () => {
    put('repository/pipelines/x.yaml', 'tracked');
    put('shared/base.yaml', 'outside');
    const outer = dir;
    dir = join(outer, 'repository');
    await commitAll();
    put('pipelines/new.yaml', 'untracked');
    const found = await collect([
      'pipelines/x.yaml',
      'pipelines/new.yaml',
      '../shared/base.yaml',
      'pipelines',
    ]);
    expect(found.source).toMatchObject({
      root: dir,
      files: [
        { path: 'pipelines/new.yaml', bytes: 9, copy: 'source/files/pipelines/new.yaml' },
        { path: 'pipelines/x.yaml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        { path: `${outer}/shared/base.yaml`, copy: `source/outside${outer}/shared/base.yaml` },
      ],
    });
    expect(found.source?.files[1]).not.toHaveProperty('copy');
    expect(Object.values(copied(found))).toEqual(['untracked', 'outside']);
  });

  test('of code are copied under names that no compiler or test runner looks for', async () => {
    const names = ['stages/x.ts', 'stages/x.ts.txt', 'stages/y.test.mjs', 'stages/z.tsx', 'x.yaml'];
    for (const name of names) put(name, name);
    expect(copied(await collect(names))).toEqual({
      'source/files/stages/x.ts.txt': 'stages/x.ts',
      'source/files/stages/x.ts.txt.txt': 'stages/x.ts.txt',
      'source/files/stages/y.test.mjs.txt': 'stages/y.test.mjs',
      'source/files/stages/z.tsx.txt': 'stages/z.tsx',
      'source/files/x.yaml': 'x.yaml',
    });
  });

  test('are all copied where there is no git, or no commit yet', async () => {
    put('x.yaml', 'x');
    expect(copied(await collect(['x.yaml']))).toEqual({ 'source/files/x.yaml': 'x' });
    await git('init', '-q');
    const found = await collect(['x.yaml']);
    expect(found.git).toBeNull();
    expect(copied(found)).toEqual({ 'source/files/x.yaml': 'x' });
  });

  test('are all copied where the git command is missing', async () => {
    put('x.yaml', 'x');
    await commitAll();
    vi.stubEnv('PATH', join(dir, 'nothing'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const found = await collect(['x.yaml']);
    expect(found.git).toBeNull();
    expect(copied(found)).toEqual({ 'source/files/x.yaml': 'x' });
  });

  test('are copied unless they are very large, which the record says', async () => {
    put('weights.json', '1'.repeat(10_000_001));
    const found = await collect(['weights.json']);
    expect(copied(found)).toEqual({});
    expect(found.source?.files).toMatchObject([{ leftOut: 'it is larger than 10 MB' }]);
  });

  test('come with the lockfile that is nearest to the working folder', async () => {
    put('package-lock.json', '{}');
    put('inner/deep/x.yaml', 'x');
    put('inner/yarn.lock', '# yarn');
    const found = await collect([], join(dir, 'inner/deep'));
    expect(found.source?.lockfile?.path).toBe(join(dir, 'inner/yarn.lock'));
    expect((await collect([])).source?.lockfile?.path).toBe('package-lock.json');
  });
});

test('variables that matter are recorded, without those that look like secrets', async () => {
  const { environment } = await collectProvenance(
    { sources: [], fromEnvironment: ['MY_DATA', 'MY_TOKEN'] },
    {
      cwd: dir,
      env: {
        CUDA_VISIBLE_DEVICES: '0',
        TF_ENABLE_ONEDNN_OPTS: '1',
        LC_ALL: 'C',
        NODE_AUTH_TOKEN: 'x',
        PIPE_MIRROR: 'https://me:pw@host',
        MY_DATA: '/data',
        MY_TOKEN: 'x',
        OTHER_TOKEN: 'x',
        EDITOR: 'vi',
        TZ: undefined,
      },
    },
  );
  expect(environment).toMatchObject({
    variables: { CUDA_VISIBLE_DEVICES: '0', LC_ALL: 'C', MY_DATA: '/data', TF_ENABLE_ONEDNN_OPTS: '1' },
    withheld: ['MY_TOKEN', 'NODE_AUTH_TOKEN', 'PIPE_MIRROR'],
    pipe: { version: expect.stringMatching(/^\d/) as string },
  });
  expect(Object.keys(environment.variables ?? {})).toHaveLength(4);
});
