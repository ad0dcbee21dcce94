import type { NewExperiment } from '../../src/registry/index.ts';

/** A run of a small pipeline with stages `data` and `train`. */
export function newExperiment(changes: Partial<NewExperiment> = {}): NewExperiment {
  return {
    pipelineName: 'cgan',
    pipelineFile: 'pipelines/cgan.yaml',
    givenText: 'name: cgan\n',
    resolvedText: 'name: cgan\nseed: 42\n',
    seed: 42,
    parameters: { 'data.source': 'synthetic', 'train.learningRate': 0.0002 },
    stages: [
      { id: 'data', use: 'load-cifar', version: 1 },
      { id: 'train', use: 'train', version: 1 },
    ],
    command: ['pipe', 'run', 'pipelines/cgan.yaml'],
    cwd: '/home/someone/project',
    git: { commit: '0123456789abcdef0123456789abcdef01234567', branch: 'main', dirty: false },
    environment: {
      node: 'v20.19.0',
      os: 'Linux',
      cpu: { model: 'CPU', cores: 2 },
      memoryBytes: 8e9,
      gpus: [],
      tensorflow: null,
      packages: { pipe: '0.1.0' },
    },
    parent: null,
    ...changes,
  };
}
