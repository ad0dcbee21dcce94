import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '../../src/registry/index.ts';
import { newExperiment } from '../registry/experiment.ts';
import { makeProject, type Project } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const command = fileURLToPath(new URL('../../bin/pipe.js', import.meta.url));

const stageFile = (head: string) => `import { defineStage, Type } from 'pipe';
${head}
export default defineStage({
  name: 'mine',
  version: 1,
  summary: 'Has parameters.',
  params: Type.Object({ size: Type.Integer(), look: Type.Object({ grey: Type.Boolean() }) }),
  inputs: {},
  outputs: {},
  run: async () => ({}),
});
`;

let project: Project;

beforeAll(async () => {
  project = await makeProject({
    'pipelines/base.yaml': 'name: base\nstages:\n  - use: load-cifar\n    id: data\n  - use: train\n',
    'pipelines/p.yaml': 'name: p\nextends: base.yaml\nstages:\n  - use: ./mine.ts\n',
    'pipelines/broken.yaml': 'stages: [ {',
    'pipelines/loop.yaml': 'extends: loop.yaml\n',
    'pipelines/mine.ts': stageFile(''),
    'pipelines/endless.yaml': 'name: endless\nstages:\n  - use: ./endless.ts\n',
    'pipelines/endless.ts': stageFile('for (;;) {}'),
    bin: '',
  });
  const registry = openRegistry(project.path('experiments'));
  await registry.claim(newExperiment());
  await registry.claim(newExperiment());
  registry.tags.set('best', 'exp-1', { force: false });
  (await registry.sweeps.create({ text: '', definition: {} })).release();
});

/** What is offered for a line. */
async function offered(line: string): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runMain(['complete', '--line', line], project.dir);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.split('\n').filter(each => each !== '');
}

test.each<[string, readonly string[]]>([
  ['pipe re', ['resume', 'reproduce', 'restore']],
  ['pipe completion ', ['bash', 'zsh', 'fish']],
  ['pipe run --fo', ['--force', '--force-stage']],
  ['pipe run pip', ['pipelines/']],
  ['pipe run pipelines/', ['base', 'broken', 'endless', 'loop', 'p'].map(name => `pipelines/${name}.yaml`)],
  ['pipe sweep sh', ['show']],
  ['pipe sweep pip', ['pipelines/']],
  ['pipe sweep resume --wo', ['--workers']],
  ['pipe sweep show sw', ['sweep-1']],
  ['pipe run pipelines/p.yaml --set ', ['data.', 'train.', 'mine.', 'seed=', 'name=', 'vars.']],
  ['pipe run pipelines/p.yaml --set=tr', ['--set=train.']],
  ['pipe run pipelines/p.yaml --set train.sample.ev', ['train.sample.every=']],
  ['pipe run pipelines/p.yaml --set train.fakes=', ['train.fakes=inference', 'train.fakes=shared']],
  ['pipe run pipelines/p.yaml --set data.shuffle=t', []],
  ['pipe run pipelines/p.yaml --set mine.', ['mine.size=', 'mine.look.grey=']],
  ['pipe run pipelines/p.yaml --set mine.look.grey=f', ['mine.look.grey=false']],
  ['pipe run pipelines/p.yaml --from ', ['data', 'train', 'mine']],
  ['pipe show ', ['latest', 'best', 'exp-2', 'exp-1']],
  ['pipe compare exp-1 b', ['best']],
  ['pipe tag --delete ', ['best']],
  ['pipe show --experiments=elsewhere exp', []],
  ['pipe list --status f', ['finished', 'failed']],
  ['pipe stages tr', ['train']],
  ['pipe run pipelines/broken.yaml --set ', ['seed=', 'name=', 'vars.']],
  ['pipe run pipelines/loop.yaml --set s', ['seed=']],
  ['pipe run pipelines/nothing.yaml --from ', []],
  ['pipe nonsense ', []],
  ['pipe run "no such/', []],
])('%s', async (line, expected) => {
  const found = await offered(line);
  expect([...found].sort()).toEqual([...expected].sort());
});

test('ends soon, without a word, where the file of a stage never finishes loading', async () => {
  const args = [command, 'complete', '--line', 'pipe run pipelines/endless.yaml --set endless.'];
  const { stdout, signal } = await execa(process.execPath, args, { cwd: project.dir, reject: false });
  expect([stdout, signal]).toEqual(['', 'SIGKILL']);
});

test('is no command of the help', async () => {
  expect((await runMain(['--help'], project.dir)).stdout).not.toMatch(/^ {2}complete\b/m);
});

const hasShell = async (shell: string) => !(await execa(shell, ['-c', 'true'], { reject: false })).failed;

test('bash completes words with = and : in them', async () => {
  await project.write('bin-dir/pipe', `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  await execa('chmod', ['+x', project.path('bin-dir/pipe')]);
  const ask = async (line: string, ...words: readonly string[]) => {
    const script = `
      PATH="${project.path('bin-dir')}:$PATH"
      eval "$(pipe completion bash)"
      COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length} COMP_WORDS=(${words.join(' ')})
      _pipe_complete pipe
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await execa('bash', ['-c', script], { cwd: project.dir });
    expect(stderr).toBe('');
    return stdout.split('\n');
  };
  expect(await ask('pipe run pipelines/p.yaml --set train.fakes=s')).toEqual(['shared']);
  expect(await ask('pipe sh')).toEqual(['show']);
  expect(await ask('pipe run pipelines/broken.yaml --from ')).toEqual(['']);
});

test.for(['zsh', 'fish'])('%s reads its script', async (shell, { skip }) => {
  skip(!(await hasShell(shell)), `${shell} is not installed`);
  const { stdout } = await runMain(['completion', shell], project.dir);
  await project.write(`script.${shell}`, stdout);
  const { exitCode } = await execa(shell, ['-n', project.path(`script.${shell}`)], { reject: false });
  expect(exitCode).toBe(0);
});
