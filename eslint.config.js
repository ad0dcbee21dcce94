import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Imports go one way: a folder may import the folders named here, and itself. */
const layers = {
  core: [],
  host: ['core'],
  storage: ['core', 'host'],
  tensorflow: ['core', 'host'],
  images: ['core', 'host', 'storage'],
  data: ['core', 'host', 'storage', 'images'],
  models: ['core', 'host', 'storage'],
  scores: ['core', 'host', 'storage', 'data', 'models', 'images'],
  training: ['core', 'host', 'storage', 'models', 'images', 'data', 'scores'],
  search: ['core'],
  query: ['core'],
  compare: ['core'],
  plots: ['core'],
  stages: ['core', 'host', 'storage', 'data', 'models', 'scores', 'training', 'images', 'compare'],
  config: ['core', 'host'],
  plan: ['core', 'host', 'config'],
  registry: ['core', 'host', 'storage'],
  cache: ['core', 'host', 'storage', 'registry'],
  upkeep: ['core', 'host', 'storage', 'registry', 'cache'],
  verify: ['core', 'host', 'storage', 'registry', 'cache'],
  run: ['core', 'host', 'storage', 'config', 'plan', 'registry', 'cache', 'tensorflow', 'plots'],
  sweep: ['core', 'host', 'storage', 'config', 'plan', 'registry', 'run', 'search', 'query', 'compare'],
  watch: ['core', 'host', 'storage', 'config', 'plan', 'registry', 'cache', 'run'],
};

const folders = Object.keys(layers);

export default tseslint.config(
  {
    ignores: [
      'dist*/',
      'types/',
      'node_modules/',
      'experiments/',
      'coverage/',
      'tests/fixtures/',
      '**/.venv/',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    languageOptions: {
      globals: globals.node,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [
            ...Object.entries(layers).map(([folder, allowed]) => ({
              target: `src/${folder}`,
              from: 'src',
              except: [folder, ...allowed].map(name => `./${name}`),
              message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}.`,
            })),
            {
              target: ['src', 'tests'].flatMap(root => [`${root}/*.ts`, `${root}/!(registry)/**/*`]),
              from: 'src/registry',
              except: ['./index.ts'],
              message: 'Other folders import src/registry/index.ts alone.',
            },
          ],
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].map(name => ({
            name,
            message: 'Only src/tensorflow/ loads native TensorFlow.',
          })),
        },
      ],
    },
  },
  { files: ['src/tensorflow/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    // read-file.ts itself, and two that read a file which it has opened.
    files: ['storage', 'registry', 'cache', 'verify', 'upkeep'].map(folder => `src/${folder}/**`),
    ignores: ['src/storage/read-file.ts', 'src/storage/file-hashes.ts', 'src/upkeep/survey.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'ImportDeclaration[source.value=/^(node:)?fs/] > ImportSpecifier[imported.name=/^(readFileSync|readFile|createReadStream|open)$/]',
          message: 'What is recorded is read through storage/read-file.ts: a named pipe may be in its place.',
        },
      ],
    },
  },
  {
    files: ['src/stages/*.ts'],
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [
            { target: 'src/stages', from: 'src/stages', message: 'A stage never imports another stage.' },
            ...folders
              .filter(name => ![...layers.stages, 'stages'].includes(name))
              .map(name => ({
                target: 'src/stages',
                from: `src/${name}`,
                message: `Stages may not import src/${name}.`,
              })),
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.js', 'bench/**', 'scripts/**', 'bin/**'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
