/** TensorFlow builds that pipe installs: wheels of the Python package index, pinned by version and sha256. */

export const TENSORFLOW_VERSION = '2.21.0';

export type Build = 'cpu' | 'gpu';

export interface Wheel {
  /** Requirement in pip's syntax: `tensorflow_cpu==2.21.0`. */
  readonly requirement: string;
  readonly sha256: string;
  readonly bytes: number;
  /** sha256 of the wheel's RECORD, which lists the hashes of all members. With it, single members can be fetched and verified. */
  readonly record?: string;
  /** Compressed size of the members that are needed, in bytes. */
  readonly neededBytes?: number;
}

export interface Release {
  readonly build: Build;
  /** Name shown to users: `CPU build`. */
  readonly title: string;
  readonly wheels: readonly Wheel[];
  /** pip's platform tags under which the wheels are found. */
  readonly platforms: readonly string[];
  /** Size of the unpacked library, in bytes. */
  readonly unpackedBytes: number;
}

/** Download size of whole wheels, in bytes. */
export const releaseBytes = (release: Release): number =>
  release.wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);

/** Download size in bytes from an index that supports ranges of files. */
export const neededBytes = (release: Release): number =>
  release.wheels.reduce((sum, wheel) => sum + (wheel.neededBytes ?? wheel.bytes), 0);

/** Disk space that a set-up needs at most, in bytes. */
export const peakBytes = (release: Release): number => releaseBytes(release) + release.unpackedBytes;

const wheel = (requirement: string, sha256: string, bytes: number): Wheel => ({
  requirement,
  sha256,
  bytes,
});

const cpu: Release = {
  build: 'cpu',
  title: 'CPU build',
  wheels: [
    {
      ...wheel(
        `tensorflow_cpu==${TENSORFLOW_VERSION}`,
        '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        273_829_956,
      ),
      record: '158b2361f6ec664e24b430f593e7d369cd4e7cd9bb5a15504f4855eafa399417',
      neededBytes: 200_500_000,
    },
  ],
  platforms: ['manylinux_2_27_x86_64'],
  unpackedBytes: 854_000_000,
};

/**
 * The CUDA 12 build, with the libraries of its extra `and-cuda`. It was fetched, unpacked and loaded on a machine without a GPU,
 * where it computes on the CPU; it is untested on a GPU.
 */
const gpu: Release = {
  build: 'gpu',
  title: 'CUDA 12 build for NVIDIA GPUs',
  wheels: [
    wheel(
      `tensorflow==${TENSORFLOW_VERSION}`,
      '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      572_440_367,
    ),
    wheel(
      'nvidia_cublas_cu12==12.9.3.13',
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      581_217_458,
    ),
    wheel(
      'nvidia_cuda_cupti_cu12==12.9.79',
      '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
      10_814_997,
    ),
    wheel(
      'nvidia_cuda_nvcc_cu12==12.9.86',
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      40_546_229,
    ),
    wheel(
      'nvidia_cuda_nvrtc_cu12==12.9.86',
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      89_568_129,
    ),
    wheel(
      'nvidia_cuda_runtime_cu12==12.9.79',
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      3_493_179,
    ),
    wheel(
      'nvidia_cudnn_cu12==9.28.0.42',
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      716_538_495,
    ),
    wheel(
      'nvidia_cufft_cu12==11.4.1.4',
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      200_877_592,
    ),
    wheel(
      'nvidia_curand_cu12==10.3.10.19',
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
      68_295_626,
    ),
    wheel(
      'nvidia_cusolver_cu12==11.7.5.82',
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      338_117_415,
    ),
    wheel(
      'nvidia_cusparse_cu12==12.5.10.65',
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      366_465_088,
    ),
    wheel(
      'nvidia_nccl_cu12==2.32.3',
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      351_526_311,
    ),
    wheel(
      'nvidia_nvjitlink_cu12==12.9.86',
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      39_748_338,
    ),
  ],
  platforms: [
    'manylinux_2_27_x86_64',
    'manylinux_2_25_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux_2_12_x86_64',
  ],
  unpackedBytes: 5_680_000_000,
};

export const releases: Readonly<Record<Build, Release>> = { cpu, gpu };
