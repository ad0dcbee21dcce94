export type SchemaName = 'pipeline' | 'experiment';

/** A JSON Schema as text: of pipeline files, or of experiment records. */
export async function schemaText(name: SchemaName): Promise<string> {
  return `${JSON.stringify(await schemaObject(name), null, 2)}\n`;
}

async function schemaObject(name: SchemaName): Promise<object> {
  if (name === 'experiment') {
    const { ExperimentRecord } = await import('../core/experiment.ts');
    return { $schema: 'http://json-schema.org/draft-07/schema#', ...ExperimentRecord };
  }
  const [{ pipelineSchema }, { loadBuiltInStages }] = await Promise.all([
    import('../config/editor-schema.ts'),
    import('../config/catalog.ts'),
  ]);
  return pipelineSchema(await loadBuiltInStages());
}
