/**
 * Makes a registry in a temporary folder and times the commands that read it, whole-process, and the logging of metrics.
 *
 *     npm run bench:registry [-- <experiments>]      10,000 by default
 *
 * Where there is a goal it stands beside the time; it is meant for 10,000 experiments.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { environment, fillRegistry, METRICS } from './registry/fill.js';
import { printTime, REPETITIONS, timeCommand } from './time-command.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const POINTS = 100_000;

const count = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'pipe-bench-'));
try {
  console.log(`${count} experiments with ${METRICS} metrics each, medians of ${REPETITIONS} whole processes`);
  const experiments = join(folder, 'experiments');
  fillRegistry(experiments, count);
  const report = (title, args, more = {}) =>
    timeCommand(title, args, { cwd: folder, env: { PIPE_EXPERIMENTS: experiments }, ...more });
  report('pipe --version', ['--version']);
  report('pipe list, without an index', ['list'], {
    prepare: () => rmSync(join(experiments, '.index'), { force: true }),
  });
  report('pipe list', ['list']);
  report('pipe list --sort g_loss', ['list', '--sort', 'g_loss'], { goal: 400 });
  report('pipe list --where', ['list', '--where', 'normalize.parameter15>9000 and g_loss<0']);
  report('pipe list --columns', ['list', '--columns', 'normalize.parameter15,g_loss,seed']);
  report('pipe list --json', ['list', '--json']);
  report('pipe show latest', ['show', 'latest']);
  const fifty = Array.from({ length: Math.min(50, count) }, (_, index) => `exp-${index + 1}`);
  report(`pipe compare of ${fifty.length}`, ['compare', ...fifty], { goal: 600 });
  await reportLogging();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Logs points through the real writer, from the claim to the finished record. */
async function reportLogging() {
  const outfile = join(folder, 'registry.mjs');
  await build({
    entryPoints: [join(root, 'src', 'registry', 'index.ts')],
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
  printTime(`${POINTS} points of 3 metrics logged`, performance.now() - started, 2000);
}
