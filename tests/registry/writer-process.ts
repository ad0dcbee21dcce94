/**
 * A program: `claim` finishes an experiment at once, `hang` leaves it running, `write` writes to it without end, `whole` does each
 * thing that a run does, once.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../src/core/failure.ts';
import { openRegistry, type ExperimentWriter } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';

const [what = '', dir = ''] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Two stages that log, measure, publish and end. */
async function writeWhole(writer: ExperimentWriter, output: string): Promise<never> {
  for (const stage of ['train', 'data']) {
    const folder = stage === 'train' ? output : await writer.beginStage(stage);
    writeFileSync(join(folder, 'grid.txt'), 'a picture');
    for (let step = 1; step <= 3; step++) {
      writer.metric(stage, { type: 'metric', step, values: { loss: 1 / step } }, {});
      writer.log(stage, `step ${step}\n`);
      writer.flushMetrics();
    }
    await writer.publish(stage, 'grid.txt');
    await writer.endStage(stage, { status: 'ran', report: null, reason: null }, {});
  }
  await writer.finish('finished', null);
  say('finished');
  process.exit(0);
}

try {
  const writer = await openRegistry(dir).claim(newExperiment());
  say(`claimed ${writer.id}`);
  if (what === 'claim') await writer.finish('finished', null);
  else {
    const output = await writer.beginStage('train');
    say(`began ${writer.id}`);
    if (what === 'whole') await writeWhole(writer, output);
    if (what === 'hang') await new Promise(resolve => setTimeout(resolve, 600_000));
    for (let step = 1; ; step++) {
      writer.metric('train', { type: 'metric', step, values: { loss: 1 / step } }, {});
      writer.progress('train', { type: 'progress', done: step, unit: 'iterations' });
      writer.log('train', `step ${step}\n`.repeat(5000));
      writeFileSync(join(output, 'grid.txt'), `step ${step}\n`);
      await writer.publish('train', 'grid.txt');
      await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    }
  }
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(`failed ${error.code}: ${error.message}`);
  process.exitCode = 1;
}
