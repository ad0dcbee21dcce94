/** Artifacts of a user's own kinds from end to end: two stages that share a definition, and the commands that read what they made. */
import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeProject, runPipe, type Project } from '../rig/pipe.ts';
import { runMain } from './run-main.ts';

const kind = (fields = '') => `import { defineArtifact, Type } from 'pipe-dl';
export const embedding = defineArtifact('embedding', {
  description: 'A vector per word.',
  schema: Type.Object({
    vectors: Type.String({ description: 'float32 [count, dimensions].' }),
    count: Type.Integer({ minimum: 1, description: 'How many words.' }),
    distance: Type.Union([Type.Literal('cosine'), Type.Literal('euclidean')]),${fields}
  }),
  files: ['vectors'],
});
`;

const EMBED = `import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStage, Type } from 'pipe-dl';
import { embedding } from './embedding.ts';
export default defineStage({
  name: 'embed', version: 1, summary: 'Embeds.', params: Type.Object({}), inputs: {},
  outputs: { embedding },
  async run({ outputDir }) {
    await writeFile(join(outputDir, 'v.f32'), Buffer.alloc(8));
    return { embedding: { kind: 'embedding', dir: outputDir, vectors: 'v.f32', count: 2, distance: 'cosine' } };
  },
});
`;

const REPORT = `import { defineStage, Type } from 'pipe-dl';
import { embedding } from './embedding.ts';
export default defineStage({
  name: 'tell', version: 1, summary: 'Tells.',
  params: Type.Object({ fail: Type.Boolean({ default: false, description: 'Fails.' }) }),
  inputs: { words: { kind: embedding, description: 'What to tell of.' } },
  outputs: {},
  async run({ inputs: { words }, params, report }) {
    if (params.fail) throw new Error('as asked');
    report(\`\${words.count} words by \${words.distance}\`);
    return {};
  },
});
`;

const FILES = {
  'p.yaml': 'name: words\nstages:\n  - use: ./my/embed.ts\n  - use: ./my/tell.ts\n',
  'my/embedding.ts': kind(),
  'my/embed.ts': EMBED,
  'my/tell.ts': REPORT,
};

const show = (project: Project) => runMain(['show', 'exp-1'], project.dir);

async function ranProject(...args: readonly string[]): Promise<Project> {
  const project = await makeProject(FILES);
  await runPipe(['run', 'p.yaml', ...args], { cwd: project.dir });
  return project;
}

describe('a kind that two stages import from one file', () => {
  it('is bound, cached, shown, verified, and read without the stages’ files', async () => {
    const project = await ranProject();
    const again = await runPipe(['run', 'p.yaml', '--force-stage', 'tell'], { cwd: project.dir });
    expect(again.stderr).toContain('2 words by cosine');
    expect(again.stderr).toContain('same as exp-1');

    await rm(project.path('my'), { recursive: true });
    const shown = await show(project);
    expect(shown.stdout).toContain('\nOutputs\n  embed.embedding  embedding  count 2, distance cosine\n');
    expect((await runMain(['verify'], project.dir)).exitCode).toBe(0);
    expect((await runMain(['list'], project.dir)).stdout).toContain('exp-2');
    await writeFile(project.path('experiments/exp-1/stages/embed/output/v.f32'), Buffer.alloc(8, 1));
    const damaged = await runMain(['verify', 'exp-1'], project.dir);
    expect(damaged).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('v.f32') as string });
  });

  it('is explained by pipe stages, also as JSON', async () => {
    const { dir } = await makeProject(FILES);
    const { stdout } = await runMain(['stages', './my/embed.ts'], dir);
    expect(stdout).toBe(`embed: Embeds.

outputs
  embedding  embedding
      A vector per word.

embedding: A vector per word.
  vectors   text                      file
      float32 [count, dimensions].
  count     integer ≥ 1
      How many words.
  distance  one of cosine, euclidean
`);
    const json = await runMain(['stages', './my/tell.ts', '--json'], dir);
    expect(JSON.parse(json.stdout)).toMatchObject({
      inputs: { words: { kind: 'embedding', description: 'What to tell of.' } },
      kinds: { embedding: { files: ['vectors'], fields: [{ name: 'vectors' }, { name: 'count' }, {}] } },
    });
  });
});

it('is reproduced where artifacts differ in no more than where they came from', async () => {
  const dated = kind('\n    made: Type.String(),').replace(
    "files: ['vectors'],",
    "files: ['vectors'],\n  provenance: ['made'],",
  );
  const embed = EMBED.replace(
    "distance: 'cosine'",
    "distance: 'cosine', made: String(process.hrtime.bigint())",
  );
  const project = await makeProject({ ...FILES, 'my/embedding.ts': dated, 'my/embed.ts': embed });
  await runPipe(['run', 'p.yaml'], { cwd: project.dir });
  const { exitCode, stderr, stdout } = await runPipe(['reproduce', 'exp-1'], { cwd: project.dir });
  expect([exitCode, stderr + stdout]).toEqual([0, expect.stringContaining('exp-2 equals exp-1')]);
});

describe('a kind that has changed since', () => {
  const CHANGED = kind('\n    encoder: Type.String(),');

  it('is refused of an earlier experiment, before anything runs', async () => {
    const project = await ranProject();
    await project.write('my/embedding.ts', CHANGED);
    const { exitCode, stderr } = await runPipe(['run', 'p.yaml', '--from', 'tell'], { cwd: project.dir });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('has outputs that could stand for embed');
    expect(stderr).toContain(
      'exp-1: what its embed gave is not what that declares now: output "embedding": encoder is missing; expected text',
    );
    expect(await project.exists('experiments/exp-2')).toBe(false);
  });

  it('fails a resume, with the command that makes it anew', async () => {
    const project = await ranProject('--set', 'tell.fail=true');
    await project.write('my/embedding.ts', CHANGED);
    const { exitCode, stderr } = await runPipe(['resume', 'exp-1'], { cwd: project.dir });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('stage "embed" gave outputs in exp-1 that are not what it declares now');
    expect(stderr).toContain('pipe run p.yaml --force-stage embed');
  });
});

describe('what was recorded of a kind', () => {
  it('holds what was recorded by it, without the user’s code', async () => {
    const project = await ranProject();
    const path = 'experiments/exp-1/stages/embed/stage.json';
    const recorded = await project.readJson<Record<string, unknown>>(path);
    const stage = { ...recorded, checksum: undefined };
    const { embedding } = recorded['outputs'] as Record<string, object>;
    const wrong = { ...stage, outputs: { embedding: { ...embedding, count: 0, vectors: '../x' } } };
    await project.write(path, JSON.stringify(wrong));
    const words = 'count is 0; expected integer ≥ 1';
    expect((await runMain(['verify', 'exp-1'], project.dir)).stdout).toContain(
      `changed     stages/embed/stage.json: its output embedding does not fit its kind embedding: ${words}`,
    );
    expect((await show(project)).stdout).toContain(`does not fit its kind: ${words}`);
    const endless = { schema: { $ref: '#' }, files: [], provenance: [] };
    await project.write(path, JSON.stringify({ ...stage, kinds: { embedding: endless } }));
    const { exitCode, stdout } = await runMain(['verify', 'exp-1'], project.dir);
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('its recorded schema is invalid')]);
  });
});
