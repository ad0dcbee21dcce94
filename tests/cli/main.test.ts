import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { runPipe } from '../rig/pipe.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the command itself', () => {
  test('says its version, which is the package’s', async () => {
    const { version } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as { version: string };
    const { stdout, exitCode } = await runPipe(['--version'], { cwd: root });
    expect([stdout.trim(), exitCode]).toEqual([version, 0]);
  });

  test('an unknown command suggests the nearest one and exits with 2', async () => {
    const { stderr, exitCode } = await runPipe(['lsit'], { cwd: root });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("unknown command 'lsit'");
    expect(stderr).toContain('Did you mean list?');
  });

  test('a reader that has seen enough is no error', async () => {
    // Far more than a pipe holds, so that the command is still writing when `head` leaves.
    const command = `node bin/pipe.js schema pipeline | head -c 10; echo " ${'$'}{PIPESTATUS[0]}"`;
    const { stdout, stderr } = await execa('bash', ['-c', command], { cwd: root });
    expect(stdout).toMatch(/ 0$/);
    expect(stderr).toBe('');
  });
});
