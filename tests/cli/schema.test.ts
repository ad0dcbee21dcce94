import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { makeProject, runPipe } from '../rig/pipe.ts';

const committed = (name: string) =>
  readFile(fileURLToPath(new URL(`../../schema/${name}.schema.json`, import.meta.url)), 'utf8');

describe('pipe schema', () => {
  it('prints the schema of pipelines, of experiments, or of events', async () => {
    const { dir } = await makeProject();
    const pipeline = await runPipe(['schema'], { cwd: dir });
    expect(pipeline.exitCode).toBe(0);
    expect(pipeline.stdout).toBe(await committed('pipeline'));
    const experiment = await runPipe(['schema', 'experiment'], { cwd: dir });
    expect(experiment.stdout).toBe(await committed('experiment'));
    const events = await runPipe(['schema', 'events'], { cwd: dir });
    expect(events.stdout).toBe(await committed('events'));
    for (const { stdout } of [experiment, events])
      expect(() => new Ajv({ strict: false }).compile(JSON.parse(stdout) as object)).not.toThrow();
  });

  it('writes all into schema/, where the files of a project look for them', async () => {
    const project = await makeProject({ 'schema/pipeline.schema.json': 'old' });
    const { exitCode, stdout, stderr } = await runPipe(['schema', '--write'], { cwd: project.dir });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    const names = ['pipeline', 'sweep', 'experiment', 'events'];
    expect(stderr).toBe(names.map(name => `wrote schema/${name}.schema.json\n`).join(''));
    for (const name of names)
      expect(await project.read(`schema/${name}.schema.json`)).toBe(await committed(name));
  });

  it('says why it cannot write', async () => {
    const project = await makeProject({ schema: 'a file' });
    const { exitCode, stderr } = await runPipe(['schema', '--write', 'pipeline'], { cwd: project.dir });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: cannot write schema/pipeline.schema.json: EEXIST');
  });

  it('knows four schemas', async () => {
    const { dir } = await makeProject();
    expect(await runPipe(['schema', 'pipelines'], { cwd: dir })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Allowed choices are pipeline, sweep, experiment, events') as unknown,
    });
  });
});
