import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const FILES = [
  '.gitignore',
  'package.json',
  'tsconfig.json',
  'pipelines/first.yaml',
  'stages/grey.ts',
  'pipelines/networks/first.yaml',
  'schema/pipeline.schema.json',
  'schema/sweep.schema.json',
  'experiments/.gitignore',
];

const contents = async (project: Project) =>
  Object.fromEntries(await Promise.all(FILES.map(async file => [file, await project.read(file)] as const)));

/** The project's files that tsconfig.json compiles, and their errors where the package's types are the sources. */
function compiled(project: Project) {
  const own = { paths: { 'pipe-dl': [`${root}/src/index.ts`] }, typeRoots: [`${root}/node_modules/@types`] };
  const config = ts.getParsedCommandLineOfConfigFile(project.path('tsconfig.json'), own, {
    ...ts.sys,
    getCurrentDirectory: () => project.dir,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => expect.fail(JSON.stringify(messageText)),
  });
  if (config === undefined) return expect.fail('there is no tsconfig.json');
  const { fileNames: files, options, errors: mistakes } = config;
  // The sources themselves are checked with all code.
  const errorsIn = (program: ts.Program) => [
    ...program.getOptionsDiagnostics(),
    ...files
      .map(file => program.getSourceFile(file))
      .flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  const errors = () =>
    [...mistakes, ...errorsIn(ts.createProgram(files, options))].map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  return { files, options, errors };
}

test('makes a project in a folder that need not be there, and says what comes next', async () => {
  const { dir } = await makeProject();
  const { exitCode, stdout, stderr } = await runMain(['init', 'My Project'], dir);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  expect(stderr).toBe(
    `${FILES.map(file => `wrote  ${file}\n`).join('')}\nnext:\n` +
      "  → cd 'My Project'\n  → npm install\n  → npx pipe run pipelines/first.yaml\n",
  );
});

test('what it makes is valid, passes the type checker in strict mode, and runs with its own stage', async () => {
  const project = await makeProject({ 'node_modules/pipe-dl/package.json': '{}' });
  const { stderr } = await runMain(['init'], project.dir);
  expect(stderr).toMatch(/\nnext:\n {2}→ npx pipe run pipelines\/first\.yaml\n$/);
  const about = await project.readJson<Record<string, unknown>>('package.json');
  expect(about).toMatchObject({ private: true, type: 'module' });
  expect(Object.keys(about['dependencies'] as object)).toEqual(['pipe-dl']);
  const [validated, run] = await Promise.all([
    runMain(['validate', 'pipelines/first.yaml'], project.dir),
    runPipe(['run', 'pipelines/first.yaml', '--to', 'build-model'], { cwd: project.dir }),
  ]);
  expect(validated).toMatchObject({ exitCode: 0, stderr: '' });
  expect(validated.stdout).toMatch(/^pipelines\/first\.yaml is valid: 7 stages\n/);
  expect(run.stderr).toContain('grey: 5000 images, 100% grey');
  expect(run).toMatchObject({ exitCode: 0, stdout: 'exp-1\n' });
  await project.write('stages/mistaken.ts', "export const count: number = '';\n");
  const { files, options, errors } = compiled(project);
  expect(files).toEqual(['grey', 'mistaken'].map(name => project.path(`stages/${name}.ts`)));
  expect(options.strict).toBe(true);
  expect(errors()).toEqual(["Type 'string' is not assignable to type 'number'."]);
});

test('what an experiment keeps is no part of the compilation, whatever tsconfig.json says', async () => {
  const project = await makeProject();
  await runMain(['init'], project.dir);
  await project.write(
    'tsconfig.json',
    '{ "compilerOptions": { "strict": true, "noEmit": true, "module": "preserve" } }',
  );
  await runPipe(['run', 'pipelines/first.yaml', '--to', 'grey'], { cwd: project.dir });
  expect(await project.exists('experiments/exp-1/source/files/stages/grey.ts.txt')).toBe(true);
  expect(compiled(project).files).toEqual([project.path('stages/grey.ts')]);
});

test('keeps every file that is there', async () => {
  const mine = Object.fromEntries(FILES.map(file => [file, `mine: ${file}`]));
  const project = await makeProject(mine);
  const { exitCode, stderr } = await runMain(['init'], project.dir);
  expect(exitCode).toBe(0);
  expect(stderr.split('\n').slice(0, FILES.length)).toEqual(FILES.map(file => `kept   ${file}`));
  expect(await contents(project)).toEqual(mine);
});

test('says nothing against the files that it made itself', async () => {
  const project = await makeProject();
  await runMain(['init'], project.dir);
  const before = await contents(project);
  const { stderr } = await runMain(['init'], project.dir);
  expect(stderr).toMatch(/experiments\/\.gitignore\n\nnext:\n/);
  expect(await contents(project)).toEqual(before);
});

test('says what the files of an npm project lack', async () => {
  const project = await makeProject({
    'package.json': '{ "dependencies": { "left-pad": "1" }, "devDependencies": { "typescript": "5" } }',
    'tsconfig.json': '{}',
    '.gitignore': 'dist/\n',
  });
  const { stderr } = await runMain(['init'], project.dir);
  expect(stderr).toContain(
    '\n\n.gitignore lacks node_modules/\n  → add the line node_modules/\n' +
      'package.json lacks "type": "module"\n  → npm pkg set type=module\n' +
      'package.json lacks pipe-dl\n  → npm install pipe-dl\n' +
      'package.json lacks @types/node, which check stages\n  → npm install --save-dev @types/node\n' +
      'tsconfig.json should include stages/ and leave out experiments/\n  → look at its "include" and "exclude"\n' +
      '\nnext:\n  → npx pipe run pipelines/first.yaml\n',
  );
});

test('finds nothing lacking in a tsconfig.json that has more folders', async () => {
  const project = await makeProject({
    'tsconfig.json': '{ "include": ["stages", "more"], "exclude": ["experiments"] } // mine',
  });
  expect((await runMain(['init'], project.dir)).stderr).not.toContain('tsconfig.json should');
});

test('says it in the words of the package manager that started it', async () => {
  const project = await makeProject({
    'package.json': '{ "type": "module", "dependencies": { "pipe-dl": "1" } }',
  });
  const told = async (agent: string) =>
    (await runMain(['init'], project.dir, { env: { npm_config_user_agent: agent } })).stderr;
  const pnpm = await told('pnpm/9.0.0 npm/? node/v22');
  expect(pnpm).toContain('  → pnpm add --save-dev typescript @types/node\n');
  expect(pnpm).toMatch(/next:\n {2}→ pnpm install\n {2}→ pnpm exec pipe run pipelines\/first\.yaml\n$/);
  expect(await told('yarn/4.0.0 npm/? node/v22')).toMatch(/→ yarn add --dev (.|\n)*→ yarn run pipe run/);
});

test('says of a package.json that is none, and of one that is no file, that it cannot be used', async () => {
  const broken = await makeProject({ 'package.json': '{ "type": ' });
  expect((await runMain(['init'], broken.dir)).stderr).toContain(
    'package.json is not a JSON object\n  → fix the file\n',
  );
  const folder = await makeProject({ 'package.json/x': '' });
  expect((await runMain(['init'], folder.dir)).stderr).toContain(
    'package.json cannot be read\n  → look at it\n',
  );
});

test('says where it cannot write', async () => {
  const project = await makeProject({ taken: 'a file' });
  expect(await runMain(['init', 'taken'], project.dir)).toMatchObject({
    exitCode: 1,
    stderr: `error: cannot write ${project.path('taken')}: something else of that name is in the way (EEXIST)\n  → Move it, or use another place.\n`,
  });
});
