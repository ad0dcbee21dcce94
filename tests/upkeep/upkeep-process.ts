/**
 * A program: `churn` removes, collects and restores without end, `resume` resumes what it can without end, `collect` collects once and prints what, `empty` empties the
 * trash without end, `claim` claims and finishes experiments without end and prints their ids.
 */
import { Failure } from '../../src/core/failure.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { collect, planCollection } from '../../src/upkeep/collect.ts';
import { empty, planEmptying } from '../../src/upkeep/empty.ts';
import { planRemoval, remove } from '../../src/upkeep/remove.ts';
import { planRestoring, restore } from '../../src/upkeep/restore.ts';
import { newExperiment } from '../registry/experiment.ts';

const [what = '', dir = ''] = process.argv.slice(2);
const registry = openRegistry(dir);
const say = (text: string) => process.stdout.write(`${text}\n`);
/** Lets the pipe be written, and a signal arrive. */
const breathe = () => new Promise(resolve => setImmediate(resolve));

async function unlessRefused(task: () => Promise<unknown>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`refused ${error.code}: ${error.message}`);
    // A command would end here.
    if (error.code === 'storage' || error.code === 'folder-removed') process.exit();
  }
}

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  churn: async () => {
    restore(registry, planRestoring(registry));
    const { experiments } = await registry.list();
    for (const { id } of experiments) {
      say(`removing ${id}`);
      await unlessRefused(async () => remove(registry, await planRemoval(registry, [id], false), false));
      await breathe();
    }
    await collect(registry, await planCollection(registry, { failed: true, keep: 0 }));
    say('collected');
    await breathe();
  },
  resume: async () => {
    for (const { id } of (await registry.list()).experiments)
      await unlessRefused(async () => {
        const writer = await registry.reopen(id, { kept: [], declarations: {}, command: [] });
        say(`resumed ${id}`);
        await writer.finish('failed', null);
      });
    await breathe();
  },
  collect: async () => {
    const { things } = await collect(registry, await planCollection(registry, { failed: true, keep: 0 }));
    say(things.map(({ name }) => name).join(' '));
    process.exit();
  },
  empty: async () => {
    const { things } = empty(registry, await planEmptying(registry, undefined));
    if (things.length > 0) say(`deleted ${things.length}`);
    await breathe();
  },
  claim: async () => {
    const writer = await registry.claim(newExperiment());
    await writer.finish('finished', null);
    say(writer.id);
    await breathe();
  },
};

for (let turn = 1; ; turn++) {
  await tasks[what]?.();
  say(`turn ${turn}`);
}
