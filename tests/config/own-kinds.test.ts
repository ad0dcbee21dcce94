/** Definitions of kinds of artifacts in users' stage files: what is wrong with them is said with its place. */
import { describe, expect, it } from 'vitest';
import { loadPlan } from '../../src/plan/load-plan.ts';
import { brief, problemsOf, projectWith } from './rig.ts';

const stage = (
  name: string,
  ports: string,
  head = '',
) => `import { defineArtifact, defineStage, Type } from 'pipe';
${head}
export default defineStage({
  name: '${name}', version: 1, summary: '', params: Type.Object({}),
  ${ports},
  run: async () => ({}),
} as never);
`;

const FIELDS =
  'file: Type.String(), parts: Type.Array(Type.Object({ file: Type.String() })), count: Type.Integer()';

/** What is said of a stage that declares a kind by these arguments of defineArtifact. */
async function problemsWith(definition: string) {
  const text = stage('make', 'inputs: {}, outputs: { made: own }', `const own = ${definition};`);
  const { load } = await projectWith({ 'p.yaml': 'name: x\nstages:\n  - use: ./make.ts\n', 'make.ts': text });
  const result = await load();
  return (result.ok ? [] : problemsOf(result)).map(({ location, message, expected, found }) => ({
    place: `${location?.file}:${location?.line}`,
    message,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  }));
}

describe('a definition', () => {
  it('names fields of its schema, at any depth', async () => {
    const places = "['file', 'parts[].file']";
    const text = `defineArtifact('my-kind2', { schema: Type.Object({ ${FIELDS} }), files: ${places}, provenance: ['count'] } as never)`;
    expect(await problemsWith(text)).toEqual([]);
  });

  it.each<[string, string, object]>([
    [
      'a name of other characters',
      "defineArtifact('My Kind', { schema: Type.Object({}) })",
      {
        message: 'outputs.made: a kind of artifact has a name of lower-case words joined by hyphens',
        expected: "defineArtifact('word-list', …)",
        found: '"My Kind"',
      },
    ],
    [
      'a name of pipe’s own',
      "defineArtifact('dataset', { schema: Type.Object({}) })",
      { message: 'outputs.made: "dataset" is a kind of pipe’s own', found: '"dataset"' },
    ],
    [
      'no schema of an object',
      "defineArtifact('own', { schema: Type.String() } as never)",
      { message: 'outputs.made: the schema of a kind must be a Type.Object({ … })', found: 'an object' },
    ],
    [
      'a schema with what every artifact has',
      "defineArtifact('own', { schema: Type.Object({ dir: Type.String() }) })",
      { message: 'outputs.made: the schema of a kind has no "dir", which every artifact has' },
    ],
    [
      'a file that is no field',
      `defineArtifact('own', { schema: Type.Object({ ${FIELDS} }), files: ['parts[].fil'] } as never)`,
      {
        message: 'outputs.made: the files of a kind must be fields of its schema, and "parts[].fil" is none',
      },
    ],
    [
      'a file that is no text',
      `defineArtifact('own', { schema: Type.Object({ ${FIELDS} }), files: ['count'] } as never)`,
      { message: 'outputs.made: the files of a kind must be fields of its schema, and "count" is none' },
    ],
    [
      'files that are no list',
      `defineArtifact('own', { schema: Type.Object({ ${FIELDS} }), files: 'file' } as never)`,
      { message: 'outputs.made: the files of a kind must be a list of its fields, and are "file"' },
    ],
    [
      'a check that is no function',
      "defineArtifact('own', { schema: Type.Object({}), check: true } as never)",
      { message: 'outputs.made: the check of a kind must be a function', found: 'true' },
    ],
  ])('is refused with %s', async (_what, definition, problem) => {
    const [found, ...others] = await problemsWith(definition);
    expect(found).toMatchObject({ ...problem, place: expect.stringMatching(/^make\.ts:\d+$/) as string });
    expect(others).toEqual([]);
  });

  it('is suggested where a port names a kind that is not built in', async () => {
    const text = stage('make', "inputs: {}, outputs: { made: { kind: 'embedding', description: '' } }");
    const { load } = await projectWith({
      'p.yaml': 'name: x\nstages:\n  - use: ./make.ts\n',
      'make.ts': text,
    });
    expect(problemsOf(await load())).toMatchObject([
      {
        message: 'outputs.made.kind must be a kind of artifact',
        hint: 'a kind of your own is given by its definition, which defineArtifact returns',
      },
    ]);
  });
});

describe('stages that share a kind', () => {
  const PIPELINE = 'name: x\nstages:\n  - use: ./make.ts\n  - use: ./take.ts\n';
  const own = (fields: string, more = '') =>
    `const own = defineArtifact('own', { schema: Type.Object({ ${fields} })${more} });`;
  const makes = (head: string) => stage('make', 'inputs: {}, outputs: { made: own }', head);
  const takes = (head: string) =>
    stage('take', "inputs: { taken: { kind: own, description: 'It.' } }, outputs: {}", head);

  const planOf = async (files: Readonly<Record<string, string>>) => {
    const { project } = await projectWith({ 'p.yaml': PIPELINE, ...files });
    return loadPlan('p.yaml', { cwd: project.dir, env: {} });
  };

  it('are bound by its name', async () => {
    const shared = "import { own } from './own.ts';";
    const result = await planOf({
      'own.ts': `import { defineArtifact, Type } from 'pipe';\nexport ${own('count: Type.Integer()')}\n`,
      'make.ts': makes(shared),
      'take.ts': takes(shared),
    });
    expect(result.ok && result.plan.stages[1]?.bindings).toEqual({
      taken: { stage: 'make', output: 'made' },
    });
  });

  it.each([
    ['count: Type.Number()', '', 'schema.properties.count.type'],
    ['count: Type.Integer(), more: Type.String()', '', 'schema.properties.more'],
    ['count: Type.Integer()', ", provenance: ['count']", 'provenance.0'],
  ])('have one definition of it: { %s }%s', async (fields, more, place) => {
    const result = await planOf({
      'make.ts': makes(own('count: Type.Integer()')),
      'take.ts': takes(own(fields, more)),
    });
    expect(result.ok ? [] : result.problems.map(brief)).toEqual([
      `p.yaml:4:10 [./take.ts] stages "make" (./make.ts) and "take" (./take.ts) have different definitions of the kind "own": they differ in ${place}`,
    ]);
  });

  it('are told which kind is missing', async () => {
    const result = await planOf({
      'make.ts': stage('make', 'inputs: {}, outputs: {}'),
      'take.ts': takes(own('count: Type.Integer()')),
    });
    expect(result.ok ? [] : result.problems.map(({ message, hint }) => [message, hint])).toEqual([
      [
        'stage "take" needs an own as its input "taken", which no stage before it makes',
        'add a stage with an output of kind own before it',
      ],
    ]);
  });
});
