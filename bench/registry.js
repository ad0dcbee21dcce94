/**
 * Makes a registry in a temporary folder and times the commands that read it, whole-process, and the logging of metrics.
 *
 *     npm run bench:registry [-- <experiments>]      2,000 by default
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { printTime, REPETITIONS, timeCommand } from './time-command.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const POINTS = 100_000;
const METRICS = 20;

const count = Number(process.argv[2] ?? 2000);
const folder = mkdtempSync(join(tmpdir(), 'pipe-bench-'));
try {
  console.log(`${count} experiments with ${METRICS} metrics each, medians of ${REPETITIONS} whole processes`);
  const experiments = join(folder, 'experiments');
  fillRegistry(experiments, count);
  const report = (title, args, prepare) =>
    timeCommand(title, args, { cwd: folder, env: { PIPE_EXPERIMENTS: experiments }, prepare });
  report('pipe --version', ['--version']);
  report('pipe list, without an index', ['list'], () => rmSync(join(experiments, '.index'), { force: true }));
  report('pipe list', ['list']);
  report('pipe list --sort metric_7', ['list', '--sort', 'metric_7']);
  report('pipe list --json', ['list', '--json']);
  report('pipe show latest', ['show', 'latest']);
  const fifty = Array.from({ length: Math.min(50, count) }, (_, index) => `exp-${index + 1}`);
  report(`pipe compare of ${fifty.length}`, ['compare', ...fifty]);
  await reportLogging();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Logs points through the real writer, from the claim to the finished record. */
async function reportLogging() {
  const outfile = join(folder, 'registry.mjs');
  await build({
    entryPoints: [join(root, 'src', 'registry', 'registry.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const { openRegistry } = await import(pathToFileURL(outfile).href);
  const started = performance.now();
  const writer = await openRegistry(join(folder, 'logging')).claim({
    pipelineName: 'bench',
    pipelineFile: 'bench.yaml',
    givenText: '',
    resolvedText: '',
    seed: 1,
    parameters: {},
    stages: [{ id: 'train', use: 'train', version: 1 }],
    command: ['bench'],
    cwd: folder,
    git: null,
    environment: environment(),
    parent: null,
  });
  await writer.beginStage('train');
  for (let step = 1; step <= POINTS; step++) {
    const values = { d_loss: Math.random(), g_loss: Math.random(), d_accuracy: Math.random() };
    writer.metric('train', { type: 'metric', step, epoch: 1, values }, {});
  }
  await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
  await writer.finish('finished', null);
  printTime(`${POINTS} points of 3 metrics logged`, performance.now() - started);
}

function fillRegistry(experiments, number) {
  for (let index = 1; index <= number; index++) {
    const dir = join(experiments, `exp-${index}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'experiment.json'), `${JSON.stringify(record(index), null, 2)}\n`);
  }
}

function environment() {
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

/** A record of the size of a real one: 7 stages, 40 parameters, 60 artifacts. */
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
      `metric_${each}`,
      {
        stage: 'train',
        description: 'A metric of the benchmark.',
        direction: each % 2 === 0 ? 'none' : 'max',
        unit: null,
        count: 10_000,
        step: 10_000,
        last: Math.sin(index * each),
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
