/** The TensorFlow builds that pipe provisions: wheels of the Python package index, pinned by version and sha256. */

export const TENSORFLOW_VERSION = '2.21.0';

export type Build = 'cpu' | 'gpu';

export interface Wheel {
  /** As pip names it: `tensorflow_cpu==2.21.0`. */
  readonly requirement: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Release {
  readonly build: Build;
  readonly wheels: readonly Wheel[];
  /** pip's platform tags under which the wheels are found. */
  readonly platforms: readonly string[];
  /** Size of what is kept after unpacking, in bytes. */
  readonly unpackedBytes: number;
}

export const cpuRelease: Release = {
  build: 'cpu',
  wheels: [
    {
      requirement: `tensorflow_cpu==${TENSORFLOW_VERSION}`,
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      bytes: 273_829_956,
    },
  ],
  platforms: ['manylinux_2_27_x86_64'],
  unpackedBytes: 860_000_000,
};
