/** Records for a registry to be measured. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const METRICS = 20;

/** Makes experiments of the size of real ones: 7 stages, 40 parameters, 60 artifacts, 20 metrics. */
export function fillRegistry(experiments, number) {
  for (let index = 1; index <= number; index++) {
    const dir = join(experiments, `exp-${index}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'experiment.json'), `${JSON.stringify(record(index), null, 2)}\n`);
  }
}

export function environment() {
  return {
    node: process.version,
    os: 'Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x64',
    cpu: { model: 'AMD EPYC', cores: 2 },
    memoryBytes: 8e9,
    gpus: [],
    tensorflow: { kind: 'native-cpu', version: '2.21.0' },
    packages: Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`package-${index}`, '1.2.3'])),
  };
}

function record(index) {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
  const hash = index.toString(16).padStart(64, '0');
  const stages = ['load-cifar', 'normalize', 'build-model', 'train', 'sample', 'gif', 'compare'];
  const named = (length, entry) => Object.fromEntries(Array.from({ length }, (_, each) => entry(each)));
  return {
    schemaVersion: 1,
    id: `exp-${index}`,
    pipeline: {
      name: index % 2 === 0 ? 'cgan' : 'dcgan',
      file: 'pipelines/cgan.yaml',
      sha256: hash,
      resolvedSha256: hash,
    },
    status: index % 10 === 0 ? 'failed' : 'finished',
    seed: 42,
    createdAt,
    endedAt: createdAt,
    ms: 250_000 + index,
    process: {
      pid: 4242,
      startTime: '4e5f7696-58bb-4ede-acde-b04d16acf560/4026531836/153216',
      host: 'bench',
    },
    parameters: named(40, each => [
      `${stages[each % 7]}.parameter${each}`,
      each % 3 === 0 ? index * each : 'value',
    ]),
    stages: stages.map(id => ({
      id,
      use: id,
      version: 1,
      status: 'ran',
      startedAt: createdAt,
      ms: 1234.5,
      report: '60,000 images, 10 classes',
      reason: null,
    })),
    metrics: named(METRICS, each => [
      each === 0 ? 'g_loss' : `metric_${each}`,
      {
        stage: 'train',
        description: 'A metric of the benchmark.',
        direction: each % 2 === 0 ? 'none' : 'max',
        unit: null,
        count: 10_000,
        step: 10_000,
        last: Math.sin(index * (each + 1)),
        min: -1,
        max: 1,
        tailMean: 0.1 * Math.cos(index + each),
      },
    ]),
    artifacts: Array.from({ length: 60 }, (_, each) => ({
      path: `artifacts/sample/images/class-${each}.png`,
      stage: 'sample',
      bytes: 3456,
      sha256: hash,
    })),
    command: ['pipe', 'run', 'pipelines/cgan.yaml'],
    cwd: '/home/someone/project',
    git: { commit: hash.slice(0, 40), branch: 'main', dirty: false },
    environment: environment(),
    failure:
      index % 10 === 0
        ? { stage: 'train', code: 'diverged', message: 'NaN at iteration 7.', hint: null }
        : null,
    parent: null,
  };
}
