import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeDir } from '../../host/paths.ts';

/** Our own kernels, compiled for the instruction set of this machine. */
export interface Kernels {
  /** The addon that registers them; its name tells the instruction set and the version of the sources. */
  readonly addon: string;
  /** The instruction set. */
  readonly set: string;
  /** What the compiler is told of the instruction set. */
  readonly flags: readonly string[];
}

const sources = join(codeDir, 'tensorflow', 'kernels');

/** The file to compile; it includes the others. */
export const kernelsSource = join(sources, 'register.cc');

/** The kernels as an addon in `dir`, there or not; undefined where the processor has nothing that they are faster with. */
export function kernelsIn(dir: string): Kernels | undefined {
  const set = instructionSet();
  return set && kernelsFor(set, dir);
}

/** Those for every instruction set of x64 processors. */
export const kernelsOfX64 = (dir: string): readonly Kernels[] => X64.map(set => kernelsFor(set, dir));

const kernelsFor = ({ name, flags }: Pick<Kernels, 'flags'> & { readonly name: string }, dir: string) => ({
  set: name,
  addon: join(dir, `kernels-${name}-${version()}.node`),
  flags,
});

/** Kernels that are compiled; undefined where they are not, or where there are none. */
export const compiled = (kernels: Kernels | undefined): Kernels | undefined =>
  kernels !== undefined && existsSync(kernels.addon) ? kernels : undefined;

/** Best first. */
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

function version(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 12);
}
