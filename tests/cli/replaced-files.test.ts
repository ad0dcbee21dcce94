import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { chainStage } from '../rig/chain-stage.ts';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';

const pipeline = `name: chain
stages:
  - { use: ./chain.ts, id: first, params: { steps: 1 } }
  - { use: ./chain.ts, id: second, params: { steps: 1 } }
`;

/** Milliseconds that one command may take: far more than any needs. */
const LONGEST = 30_000;

const REPLACEMENTS = ['a named pipe', 'a folder', 'an endless device', 'a file of a terabyte'] as const;

const COMMANDS = [
  'show exp-2',
  'verify',
  'list',
  'compare exp-1 exp-2',
  'status chain.yaml',
  'gc --dry-run',
  'run chain.yaml --from second --force',
  'run chain.yaml --set second.word=other',
  'rm exp-2',
];

/** exp-1 has finished, exp-2 was interrupted and resumed; both have a tag, and the cache their results. */
async function makeRegistry(): Promise<Project> {
  const project = await makeProject({ 'chain.yaml': pipeline, 'chain.ts': chainStage });
  const { dir } = project;
  expect((await runPipe(['run', 'chain.yaml'], { cwd: dir })).exitCode).toBe(0);
  const run = ['run', 'chain.yaml', '--set', 'second.steps=40', '--set', 'second.word=x'];
  const killed = {
    cwd: dir,
    signalAfter: (text: string) => /^second: warning: step \d*[02468]$/m.test(text),
    signal: 'SIGKILL',
  } as const;
  expect((await runPipe(run, killed)).signal).toBe('SIGKILL');
  expect((await runPipe(['resume', 'exp-2'], killed)).signal).toBe('SIGKILL');
  expect((await runPipe(['tag', 'exp-1', 'best'], { cwd: dir })).exitCode).toBe(0);
  return project;
}

const filesOf = (project: Project): string[] =>
  readdirSync(project.path('experiments'), { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(
      entry => entry.isFile() && !/\.(numbers|staging|gitignore)/.test(join(entry.parentPath, entry.name)),
    )
    .map(entry => join(entry.parentPath, entry.name).slice(project.dir.length + 1))
    .sort();

type Case = readonly [file: string, replacement: string, command: string];
type Result = { readonly begins: string } | { readonly exitCode: number; readonly stderr: string };

/** Of files that differ in a hash or a number alone the first: entries of the cache, pictures. */
function oneOfAKind(files: readonly string[]): readonly string[] {
  const kinds = new Map(files.map(file => [file.replace(/[0-9a-f]{64}|\d+(?=\.txt$)/, '*'), file]));
  return [...kinds.values()];
}

/** What a stage that resumes reads itself, and what is hashed as its result when it has ended: of any size, to the end. */
const isOfStage = (file: string): boolean => /\/exp-2\/stages\/[^/]+\/output\//.test(file);

const WITHOUT_STAGES = COMMANDS.filter(command => !command.startsWith('run '));

/**
 * Each kind of file with every replacement. For a named pipe with what resumes the experiment or repeats it; for other
 * replacements with that now and then, and with the other commands in turn.
 */
function casesOf(files: readonly string[]): readonly Case[] {
  const replaced = files.flatMap(file => REPLACEMENTS.map(replacement => [file, replacement] as const));
  return replaced.map(([file, replacement], index) => {
    const resuming = file.includes('exp-2') ? 'resume exp-2' : 'reproduce exp-1';
    const isLong = replacement === 'a file of a terabyte' && isOfStage(file);
    const resumes = replacement === 'a named pipe' || (index % 8 === 3 && !isLong);
    const commands = resumes ? [resuming] : isLong ? WITHOUT_STAGES : COMMANDS;
    return [file, replacement, commands[index % commands.length] ?? ''] as const;
  });
}

/** Runs commands one by one; returns what became of each. The last is one that did not return, if any did not. */
async function runCases(project: Project, cases: readonly Case[]) {
  const [copy, list] = [project.path('copy'), project.path('cases.json')];
  writeFileSync(list, JSON.stringify(cases));
  const source = await makeProject();
  for (const name of ['chain.yaml', 'chain.ts', 'experiments'])
    cpSync(project.path(name), source.path(name), { recursive: true, preserveTimestamps: true });
  const program = fileURLToPath(new URL('replaced-files-process.js', import.meta.url));
  const subprocess = execa(process.execPath, [program, source.dir, copy, list], { reject: false });
  let output = '';
  let timer = setTimeout(() => {}, 0);
  subprocess.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    clearTimeout(timer);
    timer = setTimeout(() => subprocess.kill('SIGKILL'), LONGEST);
  });
  const { stderr } = await subprocess;
  clearTimeout(timer);
  const results = output
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Result);
  return { results, stderr, cases };
}

test('no command is held up, or ends in a stack, by what is in place of a recorded file', async () => {
  const project = await makeRegistry();
  const { results, stderr, cases } = await runCases(project, casesOf(oneOfAKind(filesOf(project))));
  expect(results.at(-1), `this command did not return: ${JSON.stringify(results.at(-1))}`).toHaveProperty(
    'exitCode',
  );
  expect(results.length, stderr).toBe(2 * cases.length);
  for (const [index, result] of results.entries()) {
    if (!('exitCode' in result)) continue;
    const what = JSON.stringify(results[index - 1]);
    expect([0, 1, 2], `${what}: ${JSON.stringify(result)}`).toContain(result.exitCode);
    expect(result.stderr, what).not.toMatch(/^ {4}at /m);
  }
}, 600_000);
