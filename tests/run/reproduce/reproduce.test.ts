import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createColors } from 'picocolors';
import { renderReproduction } from '../../../src/cli/reproduce/render.ts';
import type { Interval } from '../../../src/core/interval.ts';
import type { MetricPoint } from '../../../src/registry/index.ts';
import { conditionsSince } from '../../../src/run/reproduce/changes.ts';
import { compareMetrics } from '../../../src/run/reproduce/metrics.ts';
import { sourcesSince } from '../../../src/run/reproduce/source-changes.ts';
import { stagesSince } from '../../../src/run/reproduce/stage-changes.ts';
import { experiment } from '../../compare/experiments.ts';
import { planOf, temporaryFolder } from '../rig.ts';

const point = (step: number, values: Readonly<Record<string, number>>, epoch = 1): MetricPoint => ({
  time: String(Math.imul(step, 7)),
  stage: 'train',
  step,
  epoch,
  values,
});

const compare = (original: readonly MetricPoint[], repeated: readonly MetricPoint[]) =>
  compareMetrics(original, repeated, name => name === 'speed');

describe('points of metrics', () => {
  test('are equal whatever the time and the speed, NaN too', () => {
    const then = [point(1, { loss: NaN, speed: 1 }), point(2, { speed: 1 }), point(3, { loss: 0.5 })];
    const now = [point(1, { loss: NaN, speed: 2 }), point(3, { loss: 0.5, speed: 3 })];
    expect(compare(then, now)).toEqual({ points: 2, differences: [] });
  });

  test('differ from the first step on at which a value is another one', () => {
    const then = [1, 2, 3].map(step => point(step, { loss: step, other: 0 }));
    const now = [1, 2, 3].map(step => point(step, { loss: step === 1 ? 1 : step + 0.5, other: 0 }));
    expect(compare(then, now)).toEqual({
      points: 1,
      differences: [
        {
          name: 'loss',
          step: 2,
          first: { original: 2, repeated: 2.5 },
          last: { original: 3, repeated: 3.5 },
        },
      ],
    });
  });

  test('differ where one side has none, or counts other epochs', () => {
    const then = [point(1, { loss: 1 }), point(2, { loss: 2 })];
    expect(compare(then, [point(2, { loss: 2 })]).differences).toEqual([
      { name: 'loss', step: 1, first: { original: 1 }, last: { original: 2, repeated: 2 } },
    ]);
    expect(compare([], then).differences).toEqual([
      { name: 'loss', step: 1, first: { repeated: 1 }, last: { repeated: 2 } },
    ]);
    expect(compare(then, [point(1, { loss: 1 }), point(2, { loss: 2 }, 2)]).differences).toMatchObject([
      { name: 'loss', step: 2 },
    ]);
  });
});

describe('scores', () => {
  const score = (interval: Interval, protocol: string): MetricPoint => ({
    ...point(1, { kid: 0.04 }),
    intervals: { kid: interval },
    protocol,
  });
  const then = score([0.03, 0.05], 'cifar@1/10000');

  test('are equal with their intervals and protocols', () => {
    expect(compare([then], [{ ...then }])).toEqual({ points: 1, differences: [] });
  });

  test('differ where those do, even if their values are equal', () => {
    const values = { original: 0.04, repeated: 0.04 };
    const difference = { name: 'kid', step: 1, first: values, last: values };
    expect(compare([then], [score([0.03, 0.06], 'cifar@1/10000')]).differences).toEqual([
      { ...difference, interval: { original: [0.03, 0.05], repeated: [0.03, 0.06] } },
    ]);
    expect(compare([then], [point(1, { kid: 0.04 })]).differences).toEqual([
      { ...difference, interval: { original: [0.03, 0.05] }, protocol: { original: 'cifar@1/10000' } },
    ]);
  });

  test('are shown by what differs', () => {
    const now = score([0.03, 0.06], 'cifar@1/2000');
    const { differences: metrics } = compare([then], [now]);
    const none = { files: 0, bytes: 0, points: 0 };
    const stage = { stage: 'evaluate', obstacle: null, equal: none, files: [], outputs: [], metrics };
    const found = { original: 'exp-1', repeated: 'exp-2', isEqual: false, left: [], damaged: [] };
    const text = renderReproduction(
      { ...found, stages: [{ ...stage, nondeterministicFiles: 0 }], causes: [], changes: [] },
      createColors(false),
    );
    expect(text).toContain(`
Differences
                                                   exp-1         exp-2
  evaluate  kid, step 1, interval  differs  0.03 to 0.05  0.03 to 0.06
  evaluate  kid, step 1, protocol  differs         10000          2000
`);
  });
});

describe('the conditions', () => {
  const { record } = experiment(1);
  const { environment } = record;

  test('of a record of before, which knows less, do not count as others', () => {
    const now = {
      git: null,
      source: { root: '/', files: [], lockfile: { path: 'yarn.lock', sha256: 'a' } },
      environment: { ...environment, variables: { TZ: 'UTC' } },
    };
    expect(conditionsSince(record, now, { kind: 'native-cpu', version: '2' })).toEqual([]);
  });

  test('are named where they are others', () => {
    const git = { commit: '0123456789abcdef', branch: null, dirty: true, changedFiles: 2 };
    const tensorflow = { kind: 'native-cpu', version: '2.20.0' };
    const then = {
      git,
      source: { root: '/', files: [], lockfile: { path: 'yarn.lock', sha256: 'a'.repeat(64) } },
      environment: {
        ...environment,
        tensorflow,
        packages: { pipe: '0.1.0', sharp: '1' },
        pipe: { version: '0.1.0', commit: 'f'.repeat(40), dirty: false },
        variables: { TZ: 'UTC', MY_OWN: 'in resolved.yaml' },
      },
    };
    const now = {
      git: { ...git, dirty: false },
      environment: {
        ...then.environment,
        node: 'v24.0.0',
        cpu: { model: 'Another', cores: 4 },
        gpus: ['L4'],
        packages: { pipe: '0.2.0', sharp: '2' },
        pipe: { version: '0.2.0', commit: null, dirty: true },
        variables: {},
      },
    };
    const changes = conditionsSince(then, now, { ...tensorflow, version: '2.21.0' });
    expect(changes.map(({ what, then: before, now: after }) => `${what}: ${before} → ${after}`)).toEqual([
      'uncommitted changes: 2 files → null',
      'lockfile: yarn.lock aaaaaaaaaaaa → null',
      'pipe: 0.1.0 ffffffffffff → 0.2.0 with changes',
      'Node: v20.19.0 → v24.0.0',
      'sharp: 1 → 2',
      '$TZ: UTC → null',
      'TensorFlow: 2.20.0 native-cpu → 2.21.0 native-cpu',
      'CPU: CPU → Another',
      'CPU cores: 2 → 4',
      'GPU: null → L4',
    ]);
  });
});

describe('a source that changed since', () => {
  test('is to be had from git, from the experiment, or not any more', async () => {
    const root = await temporaryFolder();
    mkdirSync(join(root, 'my'));
    for (const name of ['a.ts', 'b.ts', 'c.ts']) writeFileSync(join(root, 'my', name), 'new');
    const file = (name: string) => ({ path: `my/${name}`, bytes: 1, sha256: 'old' });
    const found = sourcesSince(
      {
        id: 'exp-1',
        git: {
          commit: 'abc',
          branch: null,
          dirty: true,
          patch: { path: 'source/changes.patch', bytes: 1, sha256: '' },
        },
        source: {
          root,
          files: [
            file('a.ts'),
            { ...file('b.ts'), copy: 'source/files/my/b.ts' },
            { ...file('c.ts'), leftOut: 'it is larger than 10 MB' },
            file('gone.ts'),
          ],
        },
      },
      'experiments/exp-1',
      new Set(['a.ts', 'b.ts', 'c.ts', 'gone.ts'].map(name => join(root, 'my', name))),
    );
    expect(found.changes.map(({ what, now }) => [what, now])).toEqual([
      ['my/a.ts', expect.any(String)],
      ['my/b.ts', expect.any(String)],
      ['my/c.ts', expect.any(String)],
      ['my/gone.ts', null],
    ]);
    expect(found.notes).toEqual([
      'the sources as they were: git checkout abc && git apply experiments/exp-1/source/changes.patch',
      'my/b.ts as it was: experiments/exp-1/source/files/my/b.ts',
      'my/c.ts as it was is not kept: it is larger than 10 MB',
    ]);
  });
});

describe('a stage that is another one', () => {
  const [first, second] = planOf([{ id: 'a' }, { id: 'b', inputs: { in: 'a' } }]).stages;
  const then = (id: string, fingerprint: string) => ({
    ...{
      id,
      use: id,
      version: 1,
      status: 'ran' as const,
      startedAt: null,
      ms: null,
      report: null,
      reason: null,
    },
    fingerprint,
  });
  const now = (fingerprint: string) => ({
    fingerprint,
    parts: { code: 'c' } as never,
    data: [],
    covered: [],
    borrowed: {},
  });
  if (first === undefined || second === undefined) throw new Error('two stages');

  test('is told by its fingerprint where nothing else is known, and what follows it is not told of', () => {
    const stages = [
      {
        planned: first,
        then: then('a', '1'.repeat(64)),
        fingerprint: now('2'.repeat(64)),
        isCodeListed: false,
      },
      {
        planned: second,
        then: then('b', '3'.repeat(64)),
        fingerprint: now('4'.repeat(64)),
        isCodeListed: false,
      },
    ];
    expect(stagesSince(stages)).toEqual([
      { what: 'fingerprint of a', then: '1'.repeat(12), now: '2'.repeat(12) },
    ]);
  });

  test('by its code, though what it follows is another one too', () => {
    const stages = [first, second].map(planned => ({
      planned,
      then: { ...then(planned.id, '1'), code: 'a'.repeat(64) },
      fingerprint: now('2'),
      isCodeListed: false,
    }));
    expect(stagesSince(stages)).toEqual([
      { what: 'code of a', then: 'a'.repeat(12), now: 'c' },
      { what: 'code of b', then: 'a'.repeat(12), now: 'c' },
    ]);
  });

  test('by its data: the content counts, not the place', () => {
    const data = [
      { path: '/a', digest: 'same' },
      { path: '/b', digest: 'then' },
      { path: '/c', digest: 'then' },
    ];
    const found = [
      { path: '/moved/a', digest: 'same' },
      { path: '/b', digest: 'now' },
    ];
    const stage = { planned: first, then: { ...then('a', 'x'), data }, isCodeListed: false };
    expect(stagesSince([{ ...stage, fingerprint: { ...now('y'), data: found } }])).toEqual([
      { what: 'data of a, /b', then: 'then', now: 'now' },
      { what: 'data of a, /c', then: 'then', now: null },
    ]);
  });
});
