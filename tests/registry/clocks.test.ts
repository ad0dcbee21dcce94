/** This machine's clock is hours off that of the disk, as another machine's may be on a shared one. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { ContentDigests } from '../../src/cache/content.ts';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { inWorkspace } from '../../src/tensorflow/provision/workspace.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryFolder, temporaryRegistry } from './rig.ts';

const HOUR = 3_600_000;

const setClockOff = (hours: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * HOUR });

afterEach(() => {
  vi.useRealTimers();
});

/** Which folders of processes that cannot be seen are there still. */
const foreign = ['another-machine', 'of-long-ago'];
function makeForeign(folder: string, suffix: string) {
  mkdirSync(folder, { recursive: true });
  for (const name of foreign) writeFileSync(join(folder, `${name}${suffix}`), '');
  const then = (Date.now() - 30 * HOUR) / 1000;
  utimesSync(join(folder, `of-long-ago${suffix}`), then, then);
}

it.each([48, -48])('what others are writing is left to them for a day, %d hours off', async hours => {
  const registry = temporaryRegistry();
  const staging = join(registry.dir, '.staging');
  makeForeign(staging, '');
  setClockOff(hours);
  const writer = await registry.claim(newExperiment());
  expect(readdirSync(staging).filter(name => foreign.includes(name))).toEqual(['another-machine']);
  await writer.finish('finished', null);
  expect(readdirSync(staging)).toEqual(['another-machine']);
});

it.each([48, -48])('so is the folder of another set-up of TensorFlow, %d hours off', async hours => {
  const parent = temporaryFolder();
  for (const [name, age] of [
    ['a', 0],
    ['b', 30],
  ] as const) {
    const file = join(parent, `.work-${name}.json`);
    writeFileSync(file, JSON.stringify({ pid: 1, startTime: 'x', host: 'elsewhere' }));
    const then = (Date.now() - age * HOUR) / 1000;
    utimesSync(file, then, then);
  }
  setClockOff(hours);
  await inWorkspace(parent, () => Promise.resolve());
  expect(readdirSync(parent)).toEqual(['.work-a.json']);
});

it.each([5, -5])('a crashed experiment has run as long as its files say, %d hours off', async hours => {
  const registry = temporaryRegistry();
  setClockOff(hours);
  const { dir } = await registry.claim(newExperiment());
  const path = join(dir, 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  const process = { ...record.process, startTime: 'another-boot/1/1' };
  writeFileSync(path, JSON.stringify({ ...record, process, checksum: undefined }));
  const later = Date.now() / 1000 - hours * 3600 + 60;
  utimesSync(path, later, later);
  const writer = await registry.reopen('exp-1', { kept: [], declarations: {}, command: [] });
  await writer.finish('interrupted', null);
  const { ms } = (await registry.read('exp-1')).record;
  expect(ms).toBeGreaterThan(50_000);
  expect(ms).toBeLessThan(HOUR);
});

it('records that were just written are not indexed, an hour ahead', async () => {
  const registry = temporaryRegistry();
  const { dir } = await finishedExperiment(registry);
  for (let number = 2; number <= 60; number++)
    cpSync(dir, join(registry.dir, `exp-${number}`), { recursive: true });
  setClockOff(1);
  expect((await registry.summaries()).experiments).toHaveLength(60);
  expect(existsSync(join(registry.dir, '.index'))).toBe(false);
});

it.each([1, -1])('hashes of data that was just written are remembered, %d hours off', async hours => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'data'), 'data');
  setClockOff(hours);
  const digests = new ContentDigests(join(folder, 'digests'));
  await digests.digest(join(folder, 'data'));
  digests.save(join(folder, 'staging'));
  expect(readdirSync(join(folder, 'digests'))).toHaveLength(1);
});
