import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeDir } from '../../host/paths.ts';

/** pipe's kernels, compiled for one instruction set. */
export interface Kernels {
  /** Path of the addon that registers them, named by instruction set and hash of the sources. */
  readonly addon: string;
  /** The instruction set, such as `avx2`. */
  readonly set: string;
  /** Flags of the compiler for the instruction set. */
  readonly flags: readonly string[];
}

const sources = join(codeDir, 'tensorflow', 'kernels');

/** The source file to compile; it includes all others. */
export const kernelsSource = join(sources, 'register.cc');

/** Kernels for this machine as an addon in `dir`, compiled or not; undefined for processors that they do not support. */
export function kernelsIn(dir: string): Kernels | undefined {
  const set = instructionSet();
  return set && kernelsFor(set, dir);
}

/** Kernels for every supported instruction set of x64 processors. */
export const kernelsOfX64 = (dir: string): readonly Kernels[] => X64.map(set => kernelsFor(set, dir));

const kernelsFor = ({ name, flags }: Pick<Kernels, 'flags'> & { readonly name: string }, dir: string) => ({
  set: name,
  addon: join(dir, `kernels-${name}-${version()}.node`),
  flags,
});

/** The kernels if they are compiled, else undefined. */
export const compiled = (kernels: Kernels | undefined): Kernels | undefined =>
  kernels !== undefined && existsSync(kernels.addon) ? kernels : undefined;

/** Instruction sets of x64 processors, the fastest first, with the CPU flags that they need. */
const X64 = [
  { name: 'avx512', needs: ['avx512f', 'avx512vl', 'avx512dq'], flags: ['-mavx512f'] },
  { name: 'avx2', needs: ['avx2', 'fma'], flags: ['-mavx2', '-mfma'] },
];

function instructionSet(): { readonly name: string; readonly flags: readonly string[] } | undefined {
  if (process.arch === 'arm64') return { name: 'neon', flags: [] };
  if (process.arch !== 'x64' || process.platform !== 'linux') return undefined;
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
  return X64.find(({ needs }) => needs.every(flag => flags.has(flag)));
}

/** Hash of all sources. */
function version(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 12);
}
