/** The package as npm gets it, installed in a folder of its own and used by another user. */
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Result } from 'execa';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) {
    await execa('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
  }
});

async function folderFor(name: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `pipe-${name}-`)));
  folders.push(folder);
  await chmod(folder, 0o755);
  return folder;
}

/** Without what npm says to its children: the settings of the checkout are not a user's. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|PIPE_|VITEST|NODE_ENV$)/.test(name)),
);

/** Packs a copy of the checkout, as packing builds anew what other tests use. Returns the tarball. */
export async function packPackage(): Promise<string> {
  const copy = await folderFor('pack');
  const { stdout } = await execa(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ':!tests', ':!docs'],
    { cwd: root },
  );
  const files = stdout.split('\0').filter(Boolean).join('\n');
  await execa({ cwd: root, input: files, shell: true })`tar c -T - | tar x -C ${copy}`;
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const env = { ...environment, PIPE_PREBUILT: 'none' };
  await execa('npm', ['run', 'package'], { cwd: copy, env, extendEnv: false });
  const tarball = (await readdir(copy)).find(name => name.endsWith('.tgz'));
  return join(copy, tarball ?? 'no tarball');
}

export interface Installation {
  readonly dir: string;
  /** The package's folder. */
  readonly package: string;
  /** Runs the command in a folder of another user, where there may be one: as root. */
  pipe(...args: readonly string[]): Promise<Pick<Result, 'exitCode'> & { stdout: string; stderr: string }>;
  /** What tsc says of files in the folder. */
  typeCheck(
    files: Readonly<Record<string, string>>,
    options: readonly string[],
    paths?: Readonly<Record<string, readonly string[]>>,
  ): Promise<string>;
}

/** Installs it as a user does, and takes away the right to write. */
export async function installPackage(tarball: string): Promise<Installation> {
  const dir = await folderFor('installed');
  const options = { cwd: dir, env: environment, extendEnv: false };
  await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], options);
  await execa('chmod', ['-R', 'a-w', 'node_modules'], options);
  const work = join(dir, 'work');
  await mkdir(work);
  const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if ('uid' in other) await execa('chown', ['65534:65534', work]);
  const env = {
    ...environment,
    HOME: work,
    PIPE_HOME: join(work, 'home'),
    PIPE_SETUP: 'never',
    NO_COLOR: '1',
  };
  return {
    dir,
    package: join(dir, 'node_modules', 'pipe-dl'),
    pipe: (...args) =>
      execa(process.execPath, [join(dir, 'node_modules', '.bin', 'pipe'), ...args], {
        ...{ cwd: work, env, extendEnv: false, reject: false },
        ...other,
      }),
    async typeCheck(files, options, paths = {}) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
      const config = { compilerOptions: { paths }, files: Object.keys(files) };
      await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
      await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
      // TypeScript's own declarations are not at issue.
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--skipDefaultLibCheck'];
      const words = [
        tsc,
        '-p',
        '.',
        '--target',
        'es2023',
        '--lib',
        'es2023',
        ...types,
        ...strict,
        ...options,
      ];
      const { stdout } = await execa(process.execPath, words, { cwd: dir, reject: false });
      return stdout;
    },
  };
}

/** Paths below a folder with sizes and times. */
export async function treeOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  const lines = names.map(async name => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(lines)).sort();
}
