/** Programs that the tests of the native code compile and run. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a TypeScript program of this folder in a process of its own; returns what it printed. */
export async function runProgram(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const source = path('../../bench/source.js');
  const script = `import { importSource } from ${JSON.stringify(source)}; await importSource(${JSON.stringify(path(name))});`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { env });
  return stdout;
}

/** Compiles a C++ file of this folder. */
export async function compile(name: string, output: string, flags: readonly string[] = []): Promise<void> {
  await execa('g++', ['-std=c++17', '-O1', '-pthread', ...flags, path(name), '-o', output]);
}
