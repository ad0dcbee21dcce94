import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { StageCache } from '../../src/cache/cache.ts';
import { Random } from '../../src/core/random.ts';
import { openRegistry, type Registry } from '../../src/registry/index.ts';
import { chainOf, chainStage, pointsIn } from '../rig/chain-stage.ts';
import { killing, makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

/** How many processes are killed, by so many at once. Each is at a moment of its own: `TEST_KILLS=100` tries more of them. */
const KILLS = Number(process.env['TEST_KILLS'] ?? 40);
const LANES = 2;
/** After so many kills an experiment may end. */
const KILLS_OF_ONE = 6;

/** Of each stage: every one makes the same operations on files, at any of which a process may be killed. */
const STEPS = 4;

const pipeline = `name: chain
stages:
  - { use: ./chain.ts, id: shared, params: { steps: ${STEPS} } }
  - { use: ./chain.ts, id: middle, params: { steps: ${STEPS} } }
  - { use: ./chain.ts, id: last, params: { steps: ${STEPS} } }
`;

const random = new Random(testSeed);

let place: Project;
let registry: Registry;
/** How many operations on files a whole run makes, and how many milliseconds it takes. */
let operations: number;
let life: number;

beforeAll(async () => {
  place = await makeProject({ 'chain.yaml': pipeline, 'chain.ts': chainStage });
  registry = openRegistry(place.path('experiments'));
  const began = performance.now();
  const env = killing({ KILL_COUNT: place.path('count') });
  const { stderr, exitCode } = await runPipe(['run', 'chain.yaml'], { cwd: place.dir, env });
  expect(exitCode, stderr).toBe(0);
  life = performance.now() - began;
  operations = Number(await place.read('count'));
});

const setting = (word: string) => ['--set', `middle.word=${word}`];

/** Commands that have not been seen to end, by a number of their own. */
const notEnded = new Set<string>();
let started = 0;
let killed = 0;

/** As a shell has it for a command whose process was killed. */
const KILLED = 137;

/** Which command a process belongs to; undefined when it has ended. */
function commandOf(pid: number): string | undefined {
  try {
    return /\bTEST_COMMAND=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

/** Runs a command; kills it at a random moment of its life, if it shall be and is not over before. */
async function runAndKill(args: readonly string[], isToEnd: boolean): Promise<void> {
  // By the clock it is mostly at the start; by what it does, anywhere else.
  const isByClock = random.integer(1, 4) === 1;
  const most = args[0] === 'run' ? operations : operations / 3;
  const killAt = isToEnd || isByClock ? undefined : random.integer(1, Math.floor(most));
  const command = String(++started);
  const env = { ...killing({ KILL_AT: String(killAt) }), TEST_COMMAND: command };
  const pipe = startPipe(args, { cwd: place.dir, env });
  notEnded.add(command);
  const kill = () => {
    pipe.kill('SIGKILL');
  };
  const timer = isByClock && !isToEnd ? setTimeout(kill, random.uniform() * life) : undefined;
  const { signal, exitCode, stderr } = await pipe.finished;
  const isKilled = signal === 'SIGKILL' || exitCode === KILLED;
  clearTimeout(timer);
  notEnded.delete(command);
  if (!isKilled) expect(exitCode, stderr).toBe(0);
  else {
    killed++;
    await look();
    if (killed % 10 === 0) await lookByCommand();
  }
}

/** Everything can be read, and says what is true. */
async function look(): Promise<void> {
  const before = new Set(notEnded);
  const { experiments, unreadable } = await registry.list();
  expect(unreadable).toEqual([]);
  for (const experiment of experiments) {
    const { id, status, record } = experiment;
    const command = commandOf(record.process.pid);
    if (status === 'running')
      expect(command === undefined || before.has(command) || notEnded.has(command), `${id} is running`).toBe(
        true,
      );
    else if (status === 'crashed') expect(command, `${id} crashed`).toBeUndefined();
    else if (status === 'failed') expect(record.failure).toMatchObject({ code: 'process-ended' });
    else expect(status).toBe('finished');
    await registry.view(experiment).outputs();
  }
  expect((await registry.summaries()).unreadable).toEqual([]);
  expect(readdirSync(join(registry.dir, '.staging')).length).toBeLessThanOrEqual(3 * LANES);
}

async function lookByCommand(): Promise<void> {
  const ids = (await registry.list()).experiments.map(({ id }) => id);
  const commands = [['list'], ['show', ids.at(-1) ?? ''], ['compare', ...ids.slice(-3)]];
  const results = await Promise.all(commands.map(args => runPipe(args, { cwd: place.dir })));
  for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
}

const ofWord = async (word: string) =>
  (await registry.list()).experiments.filter(({ record }) => record.parameters['middle.word'] === word);

/** Runs one experiment, kills it and resumes it, a few times, until it has finished. */
async function killAgainAndAgain(word: string): Promise<void> {
  for (let times = 0; ; times++) {
    const mine = (await ofWord(word)).at(-1);
    if (mine?.status === 'finished') return;
    const args = mine === undefined ? ['run', 'chain.yaml', ...setting(word)] : ['resume', mine.id];
    await runAndKill(args, times >= KILLS_OF_ONE);
  }
}

/**
 * Names of everything in an experiment that does not tell of its kills. The picture of its metrics is drawn once the record is closed,
 * so that a kill right then leaves a whole experiment without it.
 */
const filesOf = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(path => !path.startsWith('.resumes') && !path.endsWith('log.txt') && path !== 'metrics.svg')
    .sort();

/** An experiment that was killed is what it would be otherwise. */
async function checkWhole(word: string): Promise<void> {
  const [mine, ...others] = await ofWord(word);
  expect(others).toEqual([]);
  if (mine === undefined) expect.fail(`there is no experiment of ${word}`);
  const { dir, record, status } = mine;
  const read = (path: string) => readFileSync(join(dir, path), 'utf8');
  const { points, state } = chainOf({ shared: '', middle: word, last: '' }, STEPS);
  expect(status).toBe('finished');
  expect(read('stages/last/output/state.json')).toBe(state);
  expect(pointsIn(read('metrics.jsonl'))).toEqual(points);
  const last = points.at(-1)?.values['hash'];
  expect(record.metrics['last.hash']).toMatchObject({ count: STEPS, step: STEPS, last });
  expect(filesOf(dir)).toEqual(filesOf(join(registry.dir, 'exp-1')));
  expect(record.artifacts.map(({ path }) => path)).toEqual(
    (await registry.read('exp-1')).record.artifacts.map(({ path }) => path),
  );
  const attempts = readdirSync(dir).includes('.resumes') ? readdirSync(join(dir, '.resumes')) : [];
  // A kill after the record says finished leaves the first attempt's own folder, as each resume leaves its own.
  if (record.resumes === undefined) expect(attempts.filter(name => name !== '0')).toEqual([]);
  else expect(attempts).toHaveLength(1);
}

test(`${KILLS} kills lose nothing and leave nothing behind (${seedWords})`, async () => {
  try {
    let words = 0;
    const lane = async () => {
      while (killed < KILLS) await killAgainAndAgain(`w${++words}`);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    for (let word = 1; word <= words; word++) await checkWhole(`w${word}`);
    await checkCache(`w${words}`);
  } catch (error) {
    throw new Error(`after ${killed} kills, with ${seedWords}`, { cause: error });
  }
}, 300_000);

/** Its entries are whole, and know the experiments that were killed; nothing unfinished is left. */
async function checkCache(word: string): Promise<void> {
  const again = await runPipe(['run', 'chain.yaml', ...setting(word)], { cwd: place.dir });
  expect(again.stderr).toContain('nothing changed: equals');
  const anew = await runPipe(['run', 'chain.yaml', ...setting('new')], { cwd: place.dir });
  expect(anew.stderr).toMatch(/^shared: reused: same as exp-\d+/m);
  expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  const verified = await runPipe(['verify'], { cwd: place.dir });
  expect(verified.exitCode, verified.stdout).toBe(0);
  const cache = new StageCache(registry.dir);
  const entries = readdirSync(join(registry.dir, '.cache')).filter(name => name !== 'digests');
  for (const name of entries) expect(await cache.find(name)).toHaveProperty('entry');
}
