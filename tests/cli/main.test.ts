import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { runPipe } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

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

describe('the help of the commands', async () => {
  const { stdout } = await runMain(['--help'], root);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*/gm)]
    .map(([, name = '']) => name)
    .filter(name => name !== 'help');

  test.each(commands)('pipe %s --help has the form that all have', async command => {
    const { stdout: help } = await runMain([command, '--help'], root);
    const section = (title: string) =>
      new RegExp(`^${title}:\n((?: {2}.*\n?)+)`, 'm').exec(help)?.[1]?.replaceAll(/\n {6,}/g, ' ') ?? '';
    const description = /^Usage: .*\n\n((?:.+\n)+)/.exec(help)?.[1]?.replaceAll('\n', ' ').trim() ?? '';
    expect(description).toMatch(/^[A-Z][a-z]+ .*\.$/);
    // The imperative, as git has it: “Run a pipeline”, not “Runs a pipeline”.
    expect(description.split(' ')[0]).not.toMatch(/[^s]s$/);
    const options = section('Options')
      .split('\n')
      .filter(line => line.startsWith('  -'));
    for (const line of options) {
      const words = /^ {2}(?:-\w, )?--[\w-]+(?: [<[].*?[>\]])? +(\S.*)$/.exec(line)?.[1];
      expect(words, line).toMatch(/^[a-z].*[^.]$/);
    }
    expect(section('Examples')).toMatch(new RegExp(`^ {2}pipe ${command}`));
    expect(section('Exit codes')).toMatch(
      /^ {2}0 {4}fine\n(?:.*\n)* {2}2 {4}the command line or the configuration is wrong/,
    );
  });

  test('says the same of the same option', async () => {
    const words = new Map<string, Set<string>>();
    for (const command of commands) {
      const { stdout: help } = await runMain([command, '--help'], root);
      for (const [, name = '', text = ''] of help.matchAll(
        /^ {2}(--experiments <dir>|--set <.*?>) +(\S.*(?:\n {6,}.*)*)/gm,
      ))
        words.set(name, (words.get(name) ?? new Set()).add(text.replaceAll(/\s+/g, ' ')));
    }
    expect([...(words.get('--experiments <dir>') ?? [])]).toHaveLength(1);
    expect([...words.keys()].sort()).toEqual(['--experiments <dir>', '--set <name=value>']);
  });
});
