import {
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openProgress } from '../../src/cli/verify/progress.ts';
import { verifyEntry } from '../../src/verify/cache.ts';
import { verifyExperiment } from '../../src/verify/experiment.ts';
import { FileChecker } from '../../src/verify/file-checker.ts';
import type { Registry } from '../../src/registry/index.ts';
import type { Report } from '../../src/verify/report.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';
import { startWriter, temporaryFolder, temporaryRegistry } from '../registry/rig.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe } from '../rig/pipe.ts';
import { fingerprint, flip, plain, ran, recordData, registryOfOne } from './rig.ts';

interface Findings {
  readonly ok: boolean;
  readonly experiments: readonly Report[];
  readonly cache: readonly Report[];
  readonly tags: readonly Report[];
}

const parse = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Findings;

/** Writes stage.json anew, without a checksum. */
function edit(dir: string, change: (stage: object) => object): void {
  const path = join(dir, 'stages/data/stage.json');
  const { checksum, ...stage } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(checksum).toBeDefined();
  writeFileSync(path, JSON.stringify(change(stage)));
}

/** `changed pipeline.yaml` */
const problemsOf = (reports: readonly Report[]) =>
  reports.flatMap(({ problems }) => problems.map(({ kind, path }) => `${kind} ${path}`));

describe('pipe verify', () => {
  it('says in a line each that everything is as it was recorded', async () => {
    const { verify } = await registryOfOne();
    const { stdout, stderr, exitCode } = await verify();
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(plain(stdout)).toBe(
      'exp-1  ok          8 files     144 B\n\n' +
        '1 experiment, 1 cached result, 1 tag: 11 files, 220 B read in <time>; everything is as it was recorded\n',
    );
  });

  it('reads a file of several names once', async () => {
    const { verify, dir } = await registryOfOne();
    const { bytesRead } = JSON.parse((await verify('--json')).stdout) as { bytesRead: number };
    const sizes = [
      'pipeline.yaml',
      'resolved.yaml',
      'metrics.jsonl',
      'source/changes.patch',
      'source/files/x.yaml',
    ]
      .concat(['images.u8', 'checkpoints/weights'].map(name => `stages/data/output/${name}`))
      .map(path => readFileSync(join(dir, path)).length);
    // The artifact and the cache's entry add their copy of the points alone.
    const points = readFileSync(join(dir, 'metrics.jsonl')).length;
    expect(bytesRead).toBe(sizes.reduce((sum, size) => sum + size, points));
  });

  it.each([
    ['pipeline.yaml', 0],
    ['resolved.yaml', 0],
    ['metrics.jsonl', 3],
    ['source/changes.patch', 0],
    ['source/files/x.yaml', 0],
    // In a number and in a time: still valid JSON and a valid record.
    ['experiment.json', '"seed": 4'],
    ['stages/data/stage.json', '"startedAt": "2'],
    ['stages/data/output/images.u8', 0],
    ['stages/data/output/checkpoints/weights', 0],
    ['artifacts/data/images.u8', 0],
  ])('notices a byte that flipped in %s, though its time is the same', async (path, at) => {
    const { verify, dir } = await registryOfOne();
    const file = join(dir, path);
    const position = typeof at === 'number' ? at : readFileSync(file, 'utf8').indexOf(at) + at.length - 1;
    flip(file, position);
    const { stdout, exitCode } = await verify('exp-1');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('exp-1  damaged');
    expect(stdout).toContain(`  changed     ${path}: its content is not what was recorded\n`);
    const hint =
      path === 'resolved.yaml'
        ? 'pipe run pipelines/cgan.yaml runs the pipeline again, as it is now'
        : 'pipe reproduce exp-1 makes it again';
    expect(stdout).toMatch(new RegExp(`  → ${hint}\n\n1 experiment: .*; 1 is damaged\n$`));
  });

  it.each([
    'pipeline.yaml',
    'resolved.yaml',
    'metrics.jsonl',
    'source/changes.patch',
    'source/files/x.yaml',
    'stages/data/stage.json',
    'stages/data/output/images.u8',
    'stages/data/output/checkpoints/weights',
    'artifacts/data/images.u8',
  ])('notices that %s is gone', async path => {
    const { verify, dir } = await registryOfOne();
    rmSync(join(dir, path));
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`  missing     ${path}\n`);
  });

  it('tells sizes, and what is no file any more or leads elsewhere', async () => {
    const { verify, dir } = await registryOfOne();
    const output = join(dir, 'stages/data/output');
    rmSync(join(dir, 'artifacts/data/images.u8'));
    writeFileSync(join(dir, 'artifacts/data/images.u8'), 'image');
    rmSync(join(output, 'checkpoints/weights'));
    mkdirSync(join(output, 'checkpoints/weights'));
    renameSync(join(output, 'images.u8'), join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(output, 'images.u8'));
    const { stdout } = await verify('exp-1');
    expect(stdout).toContain('changed     artifacts/data/images.u8: 6 bytes were recorded, 5 are there\n');
    for (const name of ['checkpoints/weights', 'images.u8'])
      expect(stdout).toContain(`changed     stages/data/output/${name}: it is not a file any more\n`);
  });

  it('only mentions files that no record names', async () => {
    const { verify, dir } = await registryOfOne();
    for (const path of ['artifacts/mine.png', 'stages/data/output/mine.txt', 'source/files/mine.ts'])
      writeFileSync(join(dir, path), 'mine');
    for (let count = 0; count < 12; count++)
      linkSync(join(dir, 'pipeline.yaml'), join(dir, 'artifacts', `${count}`));
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^exp-1 {2}ok .*\n {2}unexpected {2}source\/files\/mine\.ts\n {2}unexpected {2}stages\/data\/output\/mine\.txt\n/,
    );
    expect(stdout).toContain('  … and 5 more; --json names all\n');
    expect(parse(await verify('--json')).experiments[0]?.unexpected).toHaveLength(15);
  });

  it('notices a flipped byte in the cache, and says how it is made anew', async () => {
    const { verify, registry } = await registryOfOne();
    const entry = join(registry.dir, '.cache', fingerprint);
    flip(join(entry, 'metrics.jsonl'));
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `cache ${fingerprint.slice(0, 12)}  damaged     2 files      13 B\n` +
        '  changed     metrics.jsonl: its content is not what was recorded\n' +
        `  → rm -r ${entry}: the next run makes it again\n`,
    );
    flip(join(entry, 'entry.json'), 100);
    expect(problemsOf(parse(await verify('--json')).cache)).toEqual(['changed entry.json']);
    rmSync(join(entry, 'entry.json'));
    expect(problemsOf(parse(await verify('--json')).cache)).toEqual(['missing entry.json']);
    rmSync(entry, { recursive: true });
    expect((await verify()).exitCode).toBe(0);
  });

  it('finds a flipped byte under every name that the file has', async () => {
    const { verify, dir } = await registryOfOne();
    flip(join(dir, 'stages/data/output/images.u8'));
    const { experiments, cache } = parse(await verify('--json'));
    expect(problemsOf([...experiments, ...cache])).toEqual([
      'changed stages/data/output/images.u8',
      'changed artifacts/data/images.u8',
      'changed output/images.u8',
    ]);
  });

  it('says which tags point nowhere, and what to do', async () => {
    const { verify, registry, cwd } = await registryOfOne();
    writeFileSync(join(registry.dir, '.tags/gone'), 'exp-9\n');
    await runMain(['tag', '--delete', 'best'], cwd);
    await runMain(['rm', 'exp-1'], cwd);
    writeFileSync(join(registry.dir, '.tags/half'), 'exp');
    writeFileSync(join(registry.dir, '.tags/lost'), 'exp-1\n');
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(plain(stdout)).toContain(`\
tag gone  damaged
  missing     .tags/gone: it points to exp-9, which is gone
  → pipe tag --delete gone removes it, pipe tag --force <experiment> gone moves it
tag lost  damaged
  missing     .tags/lost: it points to exp-1, which is in the trash
  → pipe restore exp-1 brings it back
tag half  damaged
  changed     .tags/half: its file names no experiment
  → pipe tag --delete half removes it, pipe tag --force <experiment> half moves it
`);
  });

  it('checks those that are named, each once, whatever is wrong with others', async () => {
    const { verify, registry } = await registryOfOne();
    await (await recordData(registry)).finish('finished', null);
    mkdirSync(join(registry.dir, 'exp-3'));
    flip(join(registry.dir, '.cache', fingerprint, 'metrics.jsonl'));
    const { stdout, exitCode } = await verify('best', 'exp-2', 'exp-1');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^exp-1 .*\nexp-2 .*\n\n2 experiments: 16 files/);
    const unreadable = await verify('exp-3');
    expect([unreadable.exitCode, unreadable.stdout.split('\n').slice(1, 3)]).toEqual([
      1,
      ['  missing     experiment.json', '  → copy its folder again from where it came from'],
    ]);
    const unknown = await verify('exp-1', 'bets');
    expect([unknown.exitCode, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('"bets" names no experiment');
  });

  it('says what is wrong with a record that cannot be used', async () => {
    const { verify, dir } = await registryOfOne();
    const record = readFileSync(join(dir, 'experiment.json'), 'utf8');
    const wordsFor = async (text: string) => {
      writeFileSync(join(dir, 'experiment.json'), text);
      return (await verify('exp-1')).stdout.split('\n').slice(1, 3);
    };
    const hint = `  → pipe run ${join(dir, 'resolved.yaml')} runs it again`;
    expect(await wordsFor(record.slice(0, 100))).toEqual([
      '  changed     experiment.json: it is not valid JSON',
      hint,
    ]);
    expect(await wordsFor('{"schemaVersion": 2}')).toEqual([
      '  changed     experiment.json: exp-1 was written by a newer pipe (schema version 2)',
      '  → update pipe: git pull && npm ci in its checkout',
    ]);
    expect(await wordsFor(record.replace('"id": "exp-1"', '"id": "\\u001b[2J"'))).toEqual([
      '  changed     experiment.json: its content is not what was recorded',
      hint,
    ]);
  });

  it.each<[string, (dir: string) => void, string]>([
    [
      'a stage.json of another try',
      dir => {
        edit(dir, stage => ({ ...stage, startedAt: '2020-01-01T00:00:00.000Z' }));
      },
      'changed     stages/data/stage.json: it belongs to a different attempt than experiment.json',
    ],
    [
      'an output that is none',
      dir => {
        edit(dir, stage => ({ ...stage, outputs: { files: { dir: '.' } } }));
      },
      'changed     stages/data/stage.json: its output files is not an artifact',
    ],
    [
      'files that are none',
      dir => {
        edit(dir, stage => ({ ...stage, files: 'none' }));
      },
      'changed     stages/data/stage.json: /files must be array',
    ],
    [
      'a stage.json that is endless',
      dir => {
        truncateSync(join(dir, 'stages/data/stage.json'), 300_000_000);
      },
      'unreadable  stages/data/stage.json: it is far too large',
    ],
    [
      'a folder in place of stage.json',
      dir => {
        rmSync(join(dir, 'stages/data/stage.json'));
        mkdirSync(join(dir, 'stages/data/stage.json'));
      },
      'changed     stages/data/stage.json: it is not a file any more',
    ],
    [
      'a name that no file system has',
      dir => {
        edit(dir, stage => ({ ...stage, files: [{ path: 'x'.repeat(300), bytes: 1, sha256: '' }] }));
      },
      `unreadable  ${'x'.repeat(300)}: it cannot be read (ENAMETOOLONG)`,
    ],
    [
      'a file in place of a folder',
      dir => {
        rmSync(join(dir, 'artifacts'), { recursive: true });
        writeFileSync(join(dir, 'artifacts'), '');
      },
      'missing     artifacts/data/images.u8\n  missing     artifacts\n',
    ],
  ])('says what is wrong with %s', async (_, damage, line) => {
    const { verify, dir } = await registryOfOne();
    damage(dir);
    const { stdout, exitCode } = await verify('exp-1');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`  ${line}`);
  });

  it('follows no path that leads out of the experiment', async () => {
    const { verify, dir } = await registryOfOne();
    edit(dir, stage => ({ ...stage, files: [{ path: '../../../../etc/passwd', bytes: 1, sha256: '' }] }));
    expect((await verify('exp-1')).stdout).toContain(
      'unreadable  ../../../../etc/passwd: it leads out of its folder\n',
    );
  });

  it('has nothing to say where there is nothing', async () => {
    const registry = temporaryRegistry();
    const { stdout, stderr, exitCode } = await runMain(['verify'], dirname(registry.dir));
    expect([stdout, stderr, exitCode]).toEqual([
      '',
      `There is nothing to verify in ${registry.dir} yet.\n`,
      0,
    ]);
  });

  it('is coloured on a terminal', async () => {
    const { cwd } = await registryOfOne();
    const { stdout } = await runMain(['verify'], cwd, { terminal: { columns: 80 } });
    expect(stdout).toContain('\u001b[32mok');
  });
});

describe('what pipe verify says of experiments that have not come to their end', () => {
  it('checks what a killed run had recorded, and says what it had not', async () => {
    const registry = temporaryRegistry();
    const writer = await startWriter('hang', registry.dir);
    await writer.printed(/began/);
    const verify = () => runMain(['verify'], dirname(registry.dir));
    expect(plain((await verify()).stdout)).toMatch(
      /^exp-1 {2}ok {10}2 files .* B {2}running, not checked: data, train, metrics\.jsonl\n/,
    );
    writer.subprocess.kill('SIGKILL');
    await writer.subprocess;
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('crashed, not checked: data, train, metrics.jsonl');
  });

  it('checks stages that ended, and lets the one at work write and publish', async () => {
    const registry = temporaryRegistry();
    const writer = await recordData(registry, ['data', 'train']);
    const output = await writer.beginStage('train');
    writeFileSync(join(output, 'half'), 'half');
    await writer.publish('train', 'half');
    const verify = () => runMain(['verify'], dirname(registry.dir));
    const running = await verify();
    expect(running.exitCode).toBe(0);
    expect(running.stdout).toMatch(
      /^exp-1 {2}ok {10}7 files .*running, not checked: train, metrics\.jsonl\n\n/,
    );
    flip(join(writer.dir, 'stages/data/output/images.u8'));
    expect((await verify()).exitCode).toBe(1);
    await writer.finish('interrupted', null);
  });

  it('takes no file of a stage that was stopped at once for damaged, though an earlier try left its record', async () => {
    const registry = temporaryRegistry();
    const first = await recordData(registry, ['data', 'train']);
    const output = await first.beginStage('train');
    writeFileSync(join(output, 'checkpoint'), 'one');
    const stopped = { ...ran, status: 'interrupted' } as const;
    await first.endStage('train', stopped, {});
    await first.finish('interrupted', null);
    const verify = () => runMain(['verify'], dirname(registry.dir));
    expect((await verify()).stdout).toMatch(/^exp-1 {2}ok {10}9 files +\d+ B\n/);

    const again = await registry.reopen('exp-1', { kept: ['data'], declarations: {}, command: [] });
    await again.beginStage('train', { from: first.dir });
    rmSync(join(output, 'checkpoint'));
    writeFileSync(join(output, 'checkpoint'), 'another');
    await again.finish('interrupted', null);
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^exp-1 {2}ok {10}8 files .*interrupted, not checked: train\n/);
  });

  it('tells of those that were recorded before there were hashes, and checks what they have', async () => {
    const { dir, verify } = await registryOfOne();
    const without = (path: string, ...names: readonly string[]) => {
      const document = JSON.parse(readFileSync(join(dir, path), 'utf8')) as Record<string, unknown>;
      for (const name of names) delete document[name];
      writeFileSync(join(dir, path), JSON.stringify(document));
    };
    without('experiment.json', 'checksum', 'metricsFile');
    without('stages/data/stage.json', 'checksum', 'files');
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^exp-1 {2}ok {10}5 files .* B {2}recorded without hashes: data, metrics\.jsonl\n/,
    );
    flip(join(dir, 'artifacts/data/images.u8'));
    rmSync(join(dir, 'metrics.jsonl'));
    const { experiments } = parse(await verify('exp-1', '--json'));
    expect(problemsOf(experiments)).toEqual(['changed artifacts/data/images.u8', 'missing metrics.jsonl']);
  });
});

describe('what goes on while pipe verify reads', () => {
  /** Checks exp-1, and does something as soon as the first file is looked at. */
  const meanwhile = (registry: Registry, act: () => void) => {
    let isDone = false;
    const checker = new FileChecker(() => {
      if (!isDone) act();
      isDone = true;
    });
    return { checker, report: () => verifyExperiment(registry, 'exp-1', checker) };
  };

  it('an experiment that is removed is left out', async () => {
    const { registry, dir } = await registryOfOne();
    const { report } = meanwhile(registry, () => {
      rmSync(dir, { recursive: true });
    });
    expect(await report()).toBeUndefined();
  });

  it('an experiment that goes on is looked at again', async () => {
    const { registry, dir } = await registryOfOne();
    const later = await registry.claim(newExperiment({ stages: [] }));
    later.metric('data', { type: 'metric', step: 2, values: { images: 2 } }, {});
    await later.finish('finished', null);
    // What exp-1 becomes: other points, and the record that has their hash.
    const { report } = meanwhile(registry, () => {
      for (const name of ['metrics.jsonl', 'experiment.json'])
        renameSync(join(later.dir, name), join(dir, name));
    });
    expect(await report()).toMatchObject({ problems: [] });
  });

  it('an entry of the cache that is replaced is left out', async () => {
    const { registry } = await registryOfOne();
    const entry = join(registry.dir, '.cache', fingerprint);
    const { checker } = meanwhile(registry, () => {
      renameSync(entry, `${entry}-before`);
      mkdirSync(entry);
    });
    expect(await verifyEntry(registry.dir, fingerprint, checker)).toBeUndefined();
  });

  it('is told on a terminal after a second, in a line that goes away', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const shown = (isTTY: boolean) => {
      let text = '';
      const write = (part: string) => ((text += part), true);
      const progress = openProgress({ isTTY, columns: 30, write } as unknown as NodeJS.WriteStream);
      for (const time of [0, 999, 1000, 1050, 1100]) {
        now.mockReturnValue(time);
        progress.at(`file-${time}`, time * 1000);
      }
      progress.clear();
      progress.clear();
      return text;
    };
    expect(shown(false)).toBe('');
    now.mockReturnValue(0);
    expect(shown(true)).toBe(
      '\r\u001b[K1.0 MB read, now file-1000\r\u001b[K1.1 MB read, now file-1100\r\u001b[K',
    );
    now.mockRestore();
  });
});

describe('what an experiment took from another one', () => {
  it('has to be in its place', async () => {
    const registry = temporaryRegistry();
    const first = await recordData(registry);
    await first.finish('finished', null);
    const second = await registry.claim(newExperiment({ stages: [{ id: 'data', use: 'data', version: 1 }] }));
    await second.endStage('data', { ...ran, status: 'reused' }, await first.outputs('data'));
    await second.finish('finished', null);
    const verify = () => runMain(['verify', 'exp-2'], dirname(registry.dir));
    expect((await verify()).exitCode).toBe(0);
    cpSync(first.dir, join(temporaryFolder(), 'exp-1'), { recursive: true });
    rmSync(first.dir, { recursive: true });
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `  missing     ${join(first.dir, 'stages/data/output')}: the folder of its output files\n`,
    );
  });
});

describe('pipe verify, as a command', () => {
  it('vouches for what pipe run recorded, until a byte changes', async () => {
    const project = await makeProject({
      'count.ts': countingStage,
      'x.yaml': 'name: x\nstages: [{ use: ./count.ts }]\n',
    });
    await runPipe(['run', 'x.yaml'], { cwd: project.dir });
    const before = await runPipe(['verify'], { cwd: project.dir });
    expect([before.exitCode, before.stderr]).toEqual([0, '']);
    flip(project.path('experiments/exp-1/stages/count/output/number.txt'));
    const after = await runPipe(['verify', 'latest'], { cwd: project.dir });
    expect(after.exitCode).toBe(1);
    expect(after.stdout).toContain('changed     stages/count/output/number.txt');
  });
});
