import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { flattenParameters } from '../../src/run/fingerprint/parameters.ts';
import { brief, loadText, painting, problemsOf, stageOf, valid, type LoadSettings } from './rig.ts';

const env = { HF_TOKEN: 'abc123', EPOCHS: '5', DB: 'postgres://me:pw@host/db', COUNT_KEY: '7' };

async function load(text: string, settings: LoadSettings = { env }) {
  const pipeline = valid(await loadText(text, settings));
  const { params } = stageOf(pipeline, 'paint');
  const { stages } = parse(pipeline.resolvedText) as {
    readonly stages: readonly { readonly params: Readonly<Record<string, unknown>> }[];
  };
  return { pipeline, params, resolved: stages[0]?.params, recorded: flattenParameters(pipeline.stages) };
}

describe('a secret of the environment', () => {
  it('is a stage’s parameter, but a reference wherever it is written down', async () => {
    const { params, resolved, recorded, pipeline } = await load(
      painting('title: ${env.HF_TOKEN}', 'epochs: ${env.EPOCHS}'),
    );
    expect(params).toMatchObject({ title: 'abc123', epochs: 5 });
    expect(resolved).toMatchObject({ title: '${env.HF_TOKEN}', epochs: 5 });
    expect(recorded).toMatchObject({ 'paint.title': '${env.HF_TOKEN}', 'paint.epochs': 5 });
    expect(pipeline.resolvedText).not.toContain('abc123');
    expect(pipeline.fromEnvironment).toEqual(['HF_TOKEN', 'EPOCHS']);
  });

  it('is one by an address with a password, and within a text, a list and a variable', async () => {
    const text = `vars: { login: "x \${env.HF_TOKEN}", n: 3 }\n${painting(
      'title: ${n} $${a} ${login}!',
      'tags: [plain, "${env.DB}"]',
    )}`;
    const { params, resolved } = await load(text);
    expect(params).toMatchObject({ title: '3 ${a} x abc123!', tags: ['plain', 'postgres://me:pw@host/db'] });
    expect(resolved).toMatchObject({ title: '3 $${a} x ${env.HF_TOKEN}!', tags: ['plain', '${env.DB}'] });
  });

  it('gives the same parameters when what was resolved is read again', async () => {
    const first = await load(
      painting('title: $${a} ${env.HF_TOKEN}', 'sample: { every: "${env.COUNT_KEY}" }'),
    );
    expect(first.params).toMatchObject({ sample: { every: 7 } });
    const { resolvedText } = first.pipeline;
    // The stage's path is absolute there.
    const again = await load(resolvedText.replace(/use: .*/, 'use: ./paint.ts'));
    expect(again.params).toEqual(first.params);
    expect(again.resolved).toEqual(first.resolved);
  });

  it('comes by --set too', async () => {
    const { params, recorded } = await load(painting('epochs: 1'), {
      env,
      set: ['paint.title=${env.HF_TOKEN}'],
    });
    expect(params['title']).toBe('abc123');
    expect(recorded['paint.title']).toBe('${env.HF_TOKEN}');
  });

  it('that is missing is named, and one of the wrong type is not shown', async () => {
    const missing = await loadText(painting('title: ${env.NO_TOKEN}'));
    expect(problemsOf(missing).map(brief)).toEqual([
      'p.yaml:5:14 [${env.NO_TOKEN}] the environment has no variable NO_TOKEN',
    ]);
    expect(problemsOf(missing)[0]?.hint).toBe('set it: export NO_TOKEN=…');
    const wrong = problemsOf(await loadText(painting('epochs: ${env.HF_TOKEN}'), { env }));
    expect(wrong).toMatchObject([{ found: '${env.HF_TOKEN}' }]);
    expect(JSON.stringify(wrong)).not.toContain('abc123');
  });
});
