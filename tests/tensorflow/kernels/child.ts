/** Programs that the tests of the native code compile and run. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findCompiler } from '../../../src/tensorflow/provision/compiler.ts';

const bench = fileURLToPath(new URL('../../../bench/source.js', import.meta.url));

/** Runs a TypeScript program in a process of its own; returns what it printed. */
export async function runProgram(program: URL, env: Readonly<Record<string, string>>): Promise<string> {
  const path = JSON.stringify(fileURLToPath(program));
  const script = `import { importSource } from ${JSON.stringify(bench)}; await importSource(${path});`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { env });
  return stdout;
}

/** Calls the C++ compiler that `pipe setup` would use, as C++17 with every common warning as an error. */
export async function compile(...words: readonly string[]): Promise<void> {
  const compiler = await findCompiler(process.env);
  if (compiler === undefined) throw new Error('no C++ compiler was found');
  await execa(compiler.command, ['-std=c++17', '-Wall', '-Wextra', '-Werror', ...words]);
}
