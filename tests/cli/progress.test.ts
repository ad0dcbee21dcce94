import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import { endingStage } from '../rig/ending-stage.ts';
import { makeProject, runPipe, startPipe } from '../rig/pipe.ts';

const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../schema/events.schema.json', import.meta.url)), 'utf8'),
) as object;
const isLine = new Ajv({ strict: false }).compile(schema);

type Line = RunEvent & { readonly time: string };

/** The events on stderr; nothing else may be there, and each fits the schema. */
function eventsIn(stderr: string): readonly Line[] {
  const lines = stderr.trimEnd().split('\n');
  return lines.map(line => {
    const event = JSON.parse(line) as Line;
    expect(isLine(event), `${line}\n${JSON.stringify(isLine.errors)}`).toBe(true);
    return event;
  });
}

/** Without what the stages' files print. */
const own = (stderr: string) => eventsIn(stderr).filter(({ type }) => type !== 'output');

const ofType = <T extends RunEvent['type']>(events: readonly Line[], type: T) =>
  events.filter((event): event is Line & { type: T } => event.type === type);

const talking = `import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe-dl';

export default defineStage({
  name: 'talk',
  version: 1,
  summary: 'Says something of every kind.',
  params: Type.Object({ points: Type.Integer({ default: 3 }) }),
  inputs: {},
  outputs: { files: { kind: 'files', description: 'A text.' } },
  metrics: { loss: { direction: 'min', description: 'A loss.' } },
  async run({ params, outputDir, emit, report }) {
    console.log('printed');
    spawnSync('sh', ['-c', 'echo from a child'], { stdio: 'inherit' });
    for (let step = 1; step <= params.points; step++) {
      emit({ type: 'metric', step, values: { loss: step === 2 ? NaN : step } });
      emit({ type: 'progress', done: step, total: params.points, unit: 'steps' });
    }
    emit({ type: 'log', level: 'warning', text: 'beware' });
    await writeFile(join(outputDir, 'a.txt'), 'a');
    emit({ type: 'publish', path: 'a.txt' });
    report('said');
    return { files: { kind: 'files', dir: outputDir, files: ['a.txt'] } };
  },
});
`;

const project = () =>
  makeProject({
    'p.yaml': `name: p
stages:
  - { use: ./mine/talk.ts, id: talk }
  - { use: ./mine/ending.ts, id: last, params: { ends: well } }
`,
    'mine/talk.ts': talking,
    'mine/ending.ts': endingStage,
  });

describe('--progress jsonl', () => {
  test('writes nothing but events to stderr, and data to stdout as ever', async () => {
    const place = await project();
    const { exitCode, stdout, stderr } = await runPipe(['run', 'p.yaml', '--progress', 'jsonl'], {
      cwd: place.dir,
    });
    const events = eventsIn(stderr);
    expect([exitCode, stdout]).toEqual([0, 'exp-1\n']);
    expect(ofType(events, 'claimed')).toEqual([
      expect.objectContaining({
        experiment: 'exp-1',
        registry: place.path('experiments'),
        pipeline: 'p',
        stages: ['talk', 'last'],
        resumed: false,
      }),
    ]);
    expect(ofType(events, 'stage-started').map(({ stage }) => stage)).toEqual(['talk', 'last']);
    expect(ofType(events, 'metric').filter(({ stage }) => stage === 'talk')).toMatchObject(
      [1, 'NaN', 3].map((loss, index) => ({ step: index + 1, values: { loss } })),
    );
    expect(ofType(events, 'progress').at(-1)).toMatchObject({ stage: 'talk', done: 3, total: 3 });
    expect(ofType(events, 'log')).toContainEqual(
      expect.objectContaining({ stage: 'talk', level: 'info', text: 'printed\n' }),
    );
    expect(ofType(events, 'log')).toContainEqual(
      expect.objectContaining({ stage: 'talk', level: 'warning', text: 'beware' }),
    );
    expect(ofType(events, 'output').map(({ text }) => text)).toContain('from a child');
    expect(ofType(events, 'published')).toMatchObject([{ stage: 'talk', path: 'a.txt' }]);
    expect(ofType(events, 'stage-ended')).toMatchObject([
      { stage: 'talk', status: 'ran', decision: 'run', report: 'said' },
      { stage: 'last', status: 'ran', decision: 'run' },
    ]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'run-ended', experiment: 'exp-1', status: 'finished', failure: null, recorded: true },
      { type: 'leaving', exitCode: 0 },
    ]);
    expect(new Date(events[0]?.time ?? '').toISOString()).toBe(events[0]?.time);

    const again = await runPipe(['run', 'p.yaml', '--progress=jsonl'], { cwd: place.dir });
    expect(own(again.stderr)).toMatchObject([
      { type: 'unchanged', experiment: 'exp-1' },
      { type: 'leaving', exitCode: 0 },
    ]);
    const repeated = await runPipe(['reproduce', 'exp-1', '--progress', 'jsonl'], { cwd: place.dir });
    expect(ofType(eventsIn(repeated.stderr), 'run-ended')).toMatchObject([{ experiment: 'exp-2' }]);
  });

  test.each<[string, readonly string[], object]>([
    [
      'of the pipeline, with its place',
      ['run', 'p.yaml', '--set', 'talk.point=3'],
      {
        code: 'invalid-pipeline',
        problems: [{ code: 'unknown-parameter', suggestion: 'points', location: {} }],
      },
    ],
    ['of the command line', ['run', 'p.yaml', '--fore'], { code: 'wrong-usage' }],
    ['of an experiment that is not there', ['resume', 'exp-9'], { hint: expect.any(String) as unknown }],
    [
      'of a file that is not there',
      ['run', 'q.yaml', '--dry-run'],
      { problems: [{ message: expect.any(String) as unknown }] },
    ],
  ])('tells a mistake %s', async (_, args, failure) => {
    const place = await project();
    const { exitCode, stderr } = await runPipe([...args, '--progress', 'jsonl'], { cwd: place.dir });
    expect(exitCode).toBe(2);
    expect(own(stderr)).toMatchObject([
      { type: 'failed', exitCode: 2, failure },
      { type: 'leaving', exitCode: 2 },
    ]);
  });

  test('tells a stage’s failure, and that of a process that could not tell it', async () => {
    const place = await project();
    await place.write('mine/talk.ts', talking.replace("report('said');", "throw new Error('no');"));
    const thrown = await runPipe(['run', 'p.yaml', '--progress', 'jsonl'], { cwd: place.dir });
    expect(thrown.exitCode).toBe(1);
    expect(ofType(eventsIn(thrown.stderr), 'run-ended')).toMatchObject([
      { status: 'failed', failure: { code: 'unexpected-error', problems: [{ location: { line: 24 } }] } },
    ]);
    await place.write('mine/talk.ts', talking);
    const args = ['run', 'p.yaml', '--set', 'last.ends=segfault', '--progress', 'jsonl'];
    const { exitCode, stdout, stderr } = await runPipe(args, { cwd: place.dir });
    expect([exitCode, stdout]).toEqual([139, 'exp-2\n']);
    expect(eventsIn(stderr).slice(-2)).toMatchObject([
      { type: 'run-ended', experiment: 'exp-2', status: 'failed', failure: { code: 'process-ended' } },
      { type: 'leaving', exitCode: 139 },
    ]);
  });

  test('a reader that does not read holds nothing up, and one that goes away ends nothing', async () => {
    const place = await project();
    const points = 30_000;
    const slow = `"$@" 2> >(exec sleep 20 >/dev/null 2>&1)& pid=$!; wait $pid; echo "exit code $?"; `;
    const args = ['run', 'p.yaml', '--set', `talk.points=${points}`, '--progress', 'jsonl'];
    const pipe = startPipe(args, { cwd: place.dir, within: ['bash', '-c', slow, 'bash'] });
    const record = 'experiments/exp-1/experiment.json';
    await expect
      .poll(
        async () =>
          (await place.exists(record)) ? (await place.readJson<{ status: string }>(record)).status : '',
        {
          timeout: 60_000,
        },
      )
      .toBe('finished');
    pipe.kill('SIGKILL');
    const gone = '"$@" 2> >(head -c 10 >/dev/null); echo "exit code $?"';
    const { stdout } = await runPipe([...args, '--force'], {
      cwd: place.dir,
      within: ['bash', '-c', gone, 'bash'],
    });
    expect(stdout).toContain('exit code 0');
    expect((await place.read('experiments/exp-2/metrics.jsonl')).split('\n').length).toBeGreaterThan(points);
  });
});

test('--progress plain writes lines, also on a terminal, and no other word is one', async () => {
  const place = await project();
  const plain = await runPipe(['run', 'p.yaml', '--progress', 'plain'], { cwd: place.dir });
  expect(plain.stderr).toContain('talk: started\n');
  const wrong = await runPipe(['run', 'p.yaml', '--progress', 'json'], { cwd: place.dir });
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrong.stderr).toContain('Allowed choices are auto, plain, jsonl');
});
