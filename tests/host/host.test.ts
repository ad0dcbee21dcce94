import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { collectEnvironment } from '../../src/host/environment.ts';
import { packageVersions } from '../../src/host/packages.ts';
import { collectGit } from '../../src/host/git.ts';
import { collectGpus, parseNvidiaSmi } from '../../src/host/gpus.ts';
import { packageRoot } from '../../src/host/paths.ts';
import { currentProcess, liveness } from '../../src/host/process-identity.ts';
import { emptyCommit as commit } from '../rig/git.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipe-host-')));
  folders.push(folder);
  return folder;
}

describe('the commit of a working tree', () => {
  it('is known with its branch, and whether tracked files differ from it', async () => {
    const cwd = temporaryFolder();
    const git = (...args: string[]) => execa('git', args, { cwd });
    await git('init', '-q', '-b', 'main');
    expect(await collectGit(cwd)).toBeNull();
    writeFileSync(join(cwd, 'tracked'), '1');
    await git('add', 'tracked');
    await git(...commit);
    const { stdout: head } = await git('rev-parse', 'HEAD');
    writeFileSync(join(cwd, 'untracked'), '1');
    expect(await collectGit(cwd)).toEqual({ commit: head, branch: 'main', dirty: false });
    writeFileSync(join(cwd, 'tracked'), '2');
    await git('checkout', '-q', '--detach');
    expect(await collectGit(cwd)).toEqual({ commit: head, branch: null, dirty: true, changedFiles: 1 });
  });

  it('is null outside a repository', async () => {
    expect(await collectGit(temporaryFolder())).toBeNull();
  });
});

describe('the machine', () => {
  it('is described with the versions that are installed', async () => {
    const environment = await collectEnvironment({});
    expect(environment).toMatchObject({ node: process.version, tensorflow: null });
    expect(environment.cpu.cores).toBeGreaterThan(0);
    expect(environment.packages).toMatchObject({ typebox: '1.4.3' });
  });

  it('counts a package of a folder above, and leaves out one that is not installed', () => {
    const root = temporaryFolder();
    const put = (folder: string, content: object) => {
      mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, folder, 'package.json'), JSON.stringify(content));
    };
    put('node_modules/pipe', { version: '3.0.0', dependencies: { near: '1', hoisted: '1', missing: '1' } });
    put('node_modules/pipe/node_modules/near', { version: '1.1.0' });
    put('node_modules/hoisted', { version: '1.2.0' });
    const versions = packageVersions(join(root, 'node_modules/pipe'));
    expect(versions).toEqual({ pipe: '3.0.0', near: '1.1.0', hoisted: '1.2.0' });
    expect(packageVersions(packageRoot)['pipe']).toMatch(/^\d/);
  });

  it('names its GPUs by what nvidia-smi prints, or by what the driver says', async () => {
    const printed =
      'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)\nGPU 1: Tesla T4 (UUID: GPU-2)\n  MIG 1g.10gb     Device  0: (UUID: MIG-1)\n';
    expect(parseNvidiaSmi(printed)).toEqual(['NVIDIA H100 80GB HBM3', 'Tesla T4']);
    expect(await collectGpus({ command: 'no-such-command', driver: temporaryFolder() })).toEqual([]);
    const driver = temporaryFolder();
    mkdirSync(join(driver, '0000:01:00.0'));
    writeFileSync(join(driver, '0000:01:00.0', 'information'), 'Model: \t\t NVIDIA L4\nIRQ:   1\n');
    expect(await collectGpus({ command: 'no-such-command', driver })).toEqual(['NVIDIA L4']);
  });
});

describe('which process it was', () => {
  it('is this one, alive', () => {
    expect(currentProcess().pid).toBe(process.pid);
    expect(liveness(currentProcess())).toBe('alive');
  });

  it('tells a process that lives from one that has ended', async () => {
    const child = execa(process.execPath, ['-e', 'process.stdin.resume()'], { reject: false });
    const identity = { ...currentProcess(), pid: child.pid ?? 0 };
    // Its start is another one's: the same pid is not the same process.
    expect(liveness(identity)).toBe('gone');
    child.kill();
    await child;
    expect(liveness(identity)).toBe('gone');
  });

  it.skipIf(process.platform !== 'linux')('is gone after a reboot of the same machine only', () => {
    const own = { ...currentProcess(), machine: '0123456789abcdef' };
    const [, namespace, ticks] = own.startTime.split('/');
    const rebooted = { ...own, startTime: `another-boot/${namespace}/${ticks}` };
    const { machine } = currentProcess();
    // Two machines may have the same host name.
    expect(liveness(rebooted)).toBe('unknown');
    expect(liveness({ ...rebooted, machine: undefined } as never)).toBe('unknown');
    if (machine !== undefined) expect(liveness({ ...rebooted, machine })).toBe('gone');
    expect(liveness({ ...own, pid: 2 ** 22 + 1 })).toBe(machine === undefined ? 'gone' : 'unknown');
  });

  it('cannot judge another host or another container', () => {
    const own = currentProcess();
    expect(liveness({ ...own, host: 'elsewhere' })).toBe('unknown');
    if (process.platform !== 'linux') return;
    const [boot, , ticks] = own.startTime.split('/');
    expect(liveness({ ...own, startTime: `${boot}/1/${ticks}` })).toBe('unknown');
  });
});
