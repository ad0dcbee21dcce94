/** The command in odd surroundings: each is handled, or said with what mends it. */
import { userInfo } from 'node:os';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { pipeHome } from '../../src/host/paths.ts';
import { countingStage } from '../rig/counting-stage.ts';
import { makeProject, runPipe, startPipe, type Project } from '../rig/pipe.ts';
import { emptyCommit as commit } from '../rig/git.ts';

const shell = (script: string) => ['bash', '-c', script, 'bash'];

let project: Project;
beforeAll(async () => {
  project = await makeProject({
    'count.yaml': 'name: count\nstages:\n  - use: ./count.ts\n',
    'endless.yaml': 'name: endless\nstages:\n  - { use: ./count.ts, params: { to: 0 } }\n',
    'fails.yaml': 'name: fails\nstages:\n  - use: ./fails.ts\n',
    'count.ts': countingStage,
    'fails.ts': countingStage
      .replace("name: 'count'", "name: 'fails'")
      .replace("console.log('counting');", 'throw 7;'),
  });
  const { exitCode, stderr } = await runPipe(['run', 'count.yaml'], { cwd: project.dir });
  expect(exitCode, stderr).toBe(0);
});

const record = (id: string, dir = 'experiments') =>
  project.readJson<ExperimentRecord>(`${dir}/${id}/experiment.json`);

describe('output that nobody takes', () => {
  test.each([['list'], ['show', 'exp-1'], ['stages'], ['--help']])(
    'of a full disk makes %s fail, and stderr says so',
    async (...args) => {
      const { exitCode, stderr } = await runPipe(args, {
        cwd: project.dir,
        within: shell('exec "$@" > /dev/full'),
      });
      expect(stderr).toBe('error: cannot write to stdout: the disk is full (ENOSPC)\n');
      expect(exitCode).toBe(1);
    },
  );

  test('as its reader has gone is no error, and hides none', async () => {
    const closed = shell('"$@" | true; exit ${PIPESTATUS[0]}');
    expect(await runPipe(['list'], { cwd: project.dir, within: closed })).toMatchObject({ exitCode: 0 });
    const failed = await runPipe(['run', 'fails.yaml', '--experiments', 'failed'], {
      cwd: project.dir,
      within: closed,
    });
    expect(failed.exitCode, failed.stderr).toBe(1);
  });

  test('on stderr does not end a run', async () => {
    const options = { cwd: project.dir, within: shell('exec "$@" 2> /dev/full') };
    const { exitCode, stdout } = await runPipe(['run', 'count.yaml', '--experiments', 'silent'], options);
    expect(exitCode).toBe(0);
    expect(stdout).toBe('exp-1\n');
    expect((await record('exp-1', 'silent')).status).toBe('finished');
  });

  test('with all three descriptors closed a run ends as any', async () => {
    const within = shell('exec "$@" <&- >&- 2>&-');
    const { exitCode } = await runPipe(['run', 'count.yaml', '--experiments', 'closed'], {
      cwd: project.dir,
      within,
    });
    expect(exitCode).toBe(0);
    expect((await record('exp-1', 'closed')).status).toBe('finished');
  });
});

test('a hang-up before and in a run without a terminal ends nothing', async () => {
  const pipe = startPipe(['run', 'endless.yaml', '--experiments', 'hung'], { cwd: project.dir });
  await pipe.stderrUntil(/at 1/);
  pipe.kill('SIGHUP');
  pipe.kill('SIGTERM');
  const { exitCode } = await pipe.finished;
  expect(exitCode).toBe(130);
  expect((await record('exp-1', 'hung')).status).toBe('interrupted');
});

test('a working folder that was removed is said', async () => {
  const within = shell('mkdir gone && cd gone && rmdir ../gone && exec "$@"');
  for (const command of ['list', 'status']) {
    const { exitCode, stderr } = await runPipe([command, 'count.yaml'].slice(0, command === 'list' ? 1 : 2), {
      cwd: project.dir,
      within,
    });
    expect(stderr).toMatch(/^error: the working folder is gone: .*\n {2}→ cd into an existing folder\n$/);
    expect(exitCode).toBe(2);
  }
});

describe('folders of the environment', () => {
  test('an empty or relative HOME is none: the system’s counts', () => {
    const own = `${userInfo().homedir}/.cache/pipe`;
    for (const env of [{ HOME: '' }, { HOME: 'relative' }, {}, { HOME: '', PIPE_HOME: '' }])
      expect(pipeHome(env)).toBe(own);
    expect(pipeHome({ HOME: '/home/me' })).toBe('/home/me/.cache/pipe');
    expect(pipeHome({ HOME: '', PIPE_HOME: '/x' })).toBe('/x');
  });

  test('empty PIPE_EXPERIMENTS and PIPE_HOME count as unset', async () => {
    const env = { PIPE_EXPERIMENTS: '', PIPE_HOME: '' };
    const { exitCode, stdout } = await runPipe(['list'], { cwd: project.dir, env });
    expect(stdout).toContain('exp-1');
    expect(exitCode).toBe(0);
  });

  test('a TMPDIR that is not there is named, with what mends it', async () => {
    const env = { TMPDIR: '/no/such/folder' };
    const { exitCode, stderr } = await runPipe(['validate', 'count.yaml'], { cwd: project.dir, env });
    expect(stderr).toBe(
      'error: cannot make a temporary folder in /no/such/folder: it does not exist (ENOENT)\n' +
        '  → set TMPDIR to a folder that exists and is writable, or unset it\n',
    );
    expect(exitCode).toBe(2);
  });

  test('odd locales change nothing', async () => {
    const plain = await runPipe(['show', 'exp-1'], { cwd: project.dir });
    for (const LC_ALL of ['de_DE.UTF-8', 'no_such_locale', 'C', '']) {
      const { exitCode, stdout } = await runPipe(['show', 'exp-1'], {
        cwd: project.dir,
        env: { LC_ALL, LANG: LC_ALL },
      });
      expect(exitCode).toBe(0);
      expect(stdout).toBe(plain.stdout);
    }
  });
});

describe('a user whom the system does not know', () => {
  const isRoot = process.getuid?.() === 0;
  const unknown = ['setpriv', '--reuid=54321', '--clear-groups'];

  test.skipIf(!isRoot)(
    'may list; without HOME, what is downloaded has no place, and that is said',
    async () => {
      const list = await runPipe(['list'], { cwd: '/', within: unknown, env: { HOME: undefined } });
      expect(list.exitCode, list.stderr).toBe(0);
      const { exitCode, stderr } = await runPipe(['doctor'], {
        cwd: '/',
        within: unknown,
        env: { HOME: undefined, PIPE_HOME: undefined },
      });
      expect(stderr).toContain(
        'error: your home folder is not known: HOME is not set, and the system knows none\n',
      );
      expect(stderr).toContain('→ set HOME, or PIPE_HOME=<folder> for what pipe downloads');
      expect(exitCode).toBe(2);
    },
  );
});

describe('git', () => {
  const repository = async () => {
    const made = await makeProject({
      'count.yaml': 'name: count\nstages:\n  - use: ./count.ts\n',
      'count.ts': countingStage,
    });
    const git = (...args: string[]) => execa('git', args, { cwd: made.dir });
    await git('init', '-q');
    await git(...commit);
    const { stdout: head } = await git('rev-parse', 'HEAD');
    return { made, head };
  };
  const gitOf = async (made: Project) => {
    const { git, gitRefused } = await made.readJson<ExperimentRecord>('experiments/exp-1/experiment.json');
    return { commit: git?.commit ?? null, gitRefused };
  };

  test('is asked about the project’s folder, whatever repository a hook’s variables name', async () => {
    const [{ made, head }, other] = [await repository(), await repository()];
    const env = {
      GIT_DIR: other.made.path('.git'),
      GIT_WORK_TREE: other.made.dir,
      GIT_INDEX_FILE: other.made.path('.git/no-index'),
    };
    const { exitCode, stderr } = await runPipe(['run', 'count.yaml'], { cwd: made.dir, env });
    expect(exitCode, stderr).toBe(0);
    expect(await gitOf(made)).toEqual({ commit: head, gitRefused: undefined });
  });

  test('that does not trust the folder’s owner is recorded as having refused, with the command that mends it', async () => {
    const { made } = await repository();
    const env = {
      GIT_TEST_ASSUME_DIFFERENT_OWNER: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
    };
    const { exitCode, stderr } = await runPipe(['run', 'count.yaml'], { cwd: made.dir, env });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(
      `warning: the commit is not recorded, as git does not trust the owner of ${made.dir}: git config --global --add safe.directory '${made.dir}'\n`,
    );
    expect(await gitOf(made)).toEqual({
      commit: null,
      gitRefused: `git does not trust the owner of ${made.dir}`,
    });
    const { stdout } = await runPipe(['show', 'exp-1'], { cwd: made.dir });
    expect(stdout).toMatch(/^ {2}git +refused: git does not trust the owner of /m);
  });

  test('whose repository is broken is recorded as having refused, too', async () => {
    const { made } = await repository();
    await made.write('.git/index', 'no index');
    const { exitCode, stderr } = await runPipe(['run', 'count.yaml'], { cwd: made.dir });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('warning: the commit is not recorded, as ');
    expect((await gitOf(made)).gitRefused).toMatch(/index/);
  });
});
