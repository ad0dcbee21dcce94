import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import compare from '../../src/stages/compare.ts';
import { newExperiment } from '../registry/experiment.ts';
import { finishedExperiment, temporaryRegistry } from '../registry/rig.ts';
import { runStage } from '../rig/stage-context.ts';

/** A registry with a finished dcgan run, exp-1, and a running cgan run, exp-2, whose stage compares. */
async function comparing(params: { with?: string[]; all?: boolean }) {
  const registry = temporaryRegistry();
  await finishedExperiment(registry, { pipelineName: 'dcgan', parameters: { 'train.epochs': 3 } });
  const writer = await registry.claim(newExperiment({ parameters: { 'train.epochs': 5 } }));
  writer.metric('train', { type: 'metric', step: 1, values: { d_loss: 0.25 } }, {});
  try {
    const { outputs, context } = await runStage(compare, params, {
      inputs: { model: undefined },
      experiments: registry.lookup(writer),
    });
    const { dir, markdown, json } = outputs.comparison;
    const document = JSON.parse(await readFile(join(dir, json), 'utf8')) as {
      experiments: string[];
      notes: string[];
    };
    return { context, document, text: await readFile(join(dir, markdown), 'utf8') };
  } finally {
    await writer.finish('finished', null);
  }
}

describe('the compare stage', () => {
  it('writes and publishes this experiment beside the others, with its metrics so far', async () => {
    const { context, document, text } = await comparing({ with: ['latest:dcgan'] });
    expect(document.experiments).toEqual(['exp-2', 'exp-1']);
    expect(text).toContain('| train.epochs | 5 | 3 |');
    expect(text).toContain('| d_loss | 0.2500 | 0.7000 |');
    expect(text).toContain('- exp-2 made this comparison while it ran: no stage had ended, ');
    expect(context.events).toMatchObject([
      { type: 'publish', path: 'comparison.md' },
      { type: 'publish', path: 'comparison.json' },
      { type: 'log', level: 'info' },
    ]);
    expect(context.reports).toEqual(['beside exp-1']);
  });

  it('only notes that a latest has nothing to name yet', async () => {
    const { context, document } = await comparing({ with: ['latest:cgan'] });
    expect(document.experiments).toEqual(['exp-2']);
    expect(document.notes[0]).toBe('"latest:cgan" matches no finished experiment yet. exp-2 is running.');
    expect(context.reports).toEqual(['nothing to compare with yet']);
  });

  it('does not compare an experiment with itself, nor with another one twice', async () => {
    const { document } = await comparing({ with: ['exp-2', 'exp-1', 'latest'] });
    expect(document.experiments).toEqual(['exp-2', 'exp-1']);
    expect(document.notes).toContain('exp-1 was named more than once; it is shown once.');
  });

  it('shows this experiment alone when nothing else is named', async () => {
    const { document } = await comparing({});
    expect(document.experiments).toEqual(['exp-2']);
  });

  it('fails for a number that no experiment has', async () => {
    await expect(comparing({ with: ['exp-999'] })).rejects.toMatchObject({ code: 'unknown-experiment' });
  });
});
