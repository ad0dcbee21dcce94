import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';

const example = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../examples/${path}`, import.meta.url)), 'utf8');

const FILES = ['denoise.yaml', 'my-stages/denoise.ts', 'networks/denoiser.yaml'];

/** 8 iterations an epoch, a checkpoint every 4. */
const SHORT = [
  'load-cifar.count=60',
  'denoise.batchSize=8',
  'denoise.iterations=24',
  'denoise.sample.every=4',
];
const settings = SHORT.flatMap(setting => ['--set', setting]);

const project = () => makeProject(Object.fromEntries(FILES.map(path => [path, example(path)])));
const output = (place: Project, ...path: readonly string[]) =>
  place.path('experiments/exp-1/stages/denoise/output', ...path);

/** sha256 of every file that training left, and its points. */
function outcome(place: Project) {
  const files = readdirSync(output(place), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const points = readFileSync(place.path('experiments/exp-1/metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly step: number; readonly values: object })
    .map(({ step, values }) => ({ step, values }));
  return {
    files: Object.fromEntries(files.map(path => [path.slice(output(place).length), hash(path)])),
    points,
  };
}

test('the example of a training of one’s own is short', () => {
  expect(example('my-stages/denoise.ts').trimEnd().split('\n').length).toBeLessThan(80);
});

describe('a training of one’s own', () => {
  let whole: Project;
  beforeAll(async () => {
    whole = await project();
    const { exitCode, stderr } = await runPipe(['run', 'denoise.yaml', ...settings], { cwd: whole.dir });
    expect(exitCode, stderr).toBe(0);
  });

  test('learns, and shows how', () => {
    const { files, points } = outcome(whole);
    const losses = points.map(({ values }) => (values as { readonly loss: number }).loss);
    expect(losses).toHaveLength(24);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['/samples/sample-000000.png', '/denoiser/weights.bin']),
    );
    expect(existsSync(whole.path('experiments/exp-1/artifacts/denoise/samples/sample-000024.png'))).toBe(
      true,
    );
  });

  test('that is killed and resumed ends in the same bits as one that is not, and is not run again', async () => {
    const place = await project();
    const { dir: cwd } = place;
    const pipe = startPipe(['run', 'denoise.yaml', ...settings], { cwd });
    const ended = pipe.finished.then(({ stderr }) => `it ended before:\n${stderr}`);
    while (!existsSync(output(place, 'checkpoints/iteration-000008'))) {
      const early = await Promise.race([setTimeout(1, undefined), ended]);
      if (early !== undefined) throw new Error(early);
    }
    pipe.kill('SIGKILL');
    await pipe.finished;
    expect(existsSync(output(place, 'denoiser'))).toBe(false);

    const resumed = await runPipe(['resume', 'exp-1'], { cwd });
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/^training goes on after iteration \d+ of 24$/m);
    expect(outcome(place)).toEqual(outcome(whole));

    const again = await runPipe(['run', 'denoise.yaml', ...settings], { cwd });
    expect(again.stderr).toContain('nothing changed: equals exp-1');
  });

  test('is trained further only by a schedule that agrees with what is done', async () => {
    const { dir: cwd } = whole;
    const resume = (...more: readonly string[]) =>
      runPipe(['resume', 'exp-1', ...more.flatMap(setting => ['--set', setting])], { cwd });
    expect((await resume()).stderr).toContain('pipe resume exp-1 --set denoise.iterations=48');
    const refused = await resume('denoise.iterations=48');
    expect(refused.stderr).toBe(
      'error: exp-1 cannot be trained further: its schedule spans all of training, 24 iterations then and 48 now: its learning rate at iteration 22 was 0.001707 and would be 0.001994, and 24 iterations are done\n' +
        '  → to train further at the rate that it ended with: --set denoise.schedule.iterations=24\n',
    );
    expect(refused.exitCode).toBe(2);
  });
});
