/**
 * Type declarations for authors of stages, in types/: pipe's own, and TensorFlow.js's, which an installed package does not depend
 * on. rollup-plugin-dts bundles each into one file.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const TFJS = '@tensorflow/tfjs';
const TFJS_EXPORT = /^export (\{[^}]*\} from '\.\/tfjs\.js')/m;

/** The declarations of a module as one text; a module for which `isExternal` is true stays an import. */
async function rolledUp(input, isExternal) {
  const options = {
    respectExternal: true,
    tsconfig: join(root, 'tsconfig.json'),
    compilerOptions: { paths: {} },
  };
  const bundle = await rollup({
    input,
    external: isExternal,
    plugins: [dts(options)],
    // TensorFlow.js adds methods to tensors by declarations that are merged below.
    onwarn: ({ message }) => {
      if (!message.includes("declare module '../../tensor'")) throw new Error(message);
    },
  });
  try {
    const { output } = await bundle.generate({});
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

async function ownTypes() {
  const text = await rolledUp(join(root, 'src', 'index.ts'), id => /^(typebox|node:|@tensorflow\/)/.test(id));
  // There is no tfjs.js: its exports are types.
  return text.replaceAll(`from '${TFJS}'`, "from './tfjs.js'").replace(TFJS_EXPORT, 'export type $1');
}

/** The first paragraph of each comment: the examples and explanations of TensorFlow.js's are a twentieth of the package. */
function shortComments(text) {
  return text.replace(/^( *)\/\*\*([\s\S]*?)\*\/\n/gm, (_, indent, comment) => {
    const lines = comment.split('\n').map(line => line.replace(/^\s*\* ?/, '').trimEnd());
    const begun = lines.slice(lines.findIndex(line => line !== ''));
    const end = begun.findIndex(line => line === '' || /^(@|```)/.test(line));
    const kept = end === -1 ? begun : begun.slice(0, end);
    return kept.length === 0 ? '' : `${indent}/** ${kept.join(`\n${indent} * `)} */\n`;
  });
}

/** Declarations of TensorFlow.js, unchecked: those for browsers and of some layers do not pass current TypeScript. */
async function tensorFlowTypes() {
  const entry = join(root, 'node_modules', TFJS, 'dist', 'index.d.ts');
  const text = await rolledUp(entry, id => !/^[./]|^@tensorflow\//.test(id));
  const merged = text
    .replace(/^declare module ['\"][^'\"]+['\"] \{\n([\s\S]*?)^\}\n/gm, '$1')
    .replace(/^\/\/\/ <(?:amd-module|reference) .*\n/gm, '')
    .replace(/^\/\*\*\n \* @license\n[\s\S]*?\*\/\n/gm, '');
  return `// @ts-nocheck\n/** TensorFlow.js. Copyright Google LLC. Licensed under the Apache License, Version 2.0. */\n${shortComments(merged)}`;
}

const [index, tfjs] = await Promise.all([ownTypes(), tensorFlowTypes()]);
const folder = join(root, 'types');
const fresh = `${folder}-${process.pid}`;
mkdirSync(fresh);
try {
  writeFileSync(join(fresh, 'index.d.ts'), index);
  writeFileSync(join(fresh, 'tfjs.d.ts'), tfjs);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
