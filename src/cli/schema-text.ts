/** Pipeline files, sweeps, experiment records, and the lines of `--progress jsonl`. */
export const SCHEMAS = ['pipeline', 'sweep', 'experiment', 'events'] as const;

export type SchemaName = (typeof SCHEMAS)[number];

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** A JSON Schema as text. */
export async function schemaText(name: SchemaName): Promise<string> {
  return `${JSON.stringify(await schemaObject(name), null, 2)}\n`;
}

async function schemaObject(name: SchemaName): Promise<object> {
  if (name === 'experiment') {
    const { ExperimentRecord } = await import('../core/experiment.ts');
    return { $schema: DRAFT, ...ExperimentRecord };
  }
  if (name === 'sweep') {
    const { SweepFile } = await import('../sweep/file-schema.ts');
    return { $schema: DRAFT, ...SweepFile };
  }
  if (name === 'events') {
    const { eventSchema } = await import('../run/event-schema.ts');
    return { $schema: DRAFT, ...eventSchema() };
  }
  const [{ pipelineSchema }, { loadBuiltInStages }] = await Promise.all([
    import('../config/editor-schema.ts'),
    import('../config/catalog.ts'),
  ]);
  return pipelineSchema(await loadBuiltInStages());
}
