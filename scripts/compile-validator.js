/**
 * The validator of experiment records, compiled ahead: commands that read records then load neither ajv nor TypeBox, which would
 * take longer than most of them.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An esbuild plugin that replaces src/registry/internal/record-validator.ts by the compiled validator. */
export function compiledValidator(root, folder) {
  return {
    name: 'compiled-validator',
    setup(build) {
      build.onLoad({ filter: /[\\/]registry[\\/]internal[\\/]record-validator\.ts$/ }, async () => ({
        contents: await compileValidator(root, build.esbuild, join(folder, 'experiment-schema.mjs')),
        resolveDir: root,
      }));
    },
  };
}

async function compileValidator(root, esbuild, temporary) {
  const [{ Ajv }, { default: standaloneCode }] = await Promise.all([
    import('ajv'),
    import('ajv/dist/standalone/index.js'),
  ]);
  try {
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: ['src/core/experiment.ts'],
      outfile: temporary,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const { ExperimentRecord, StageDocument, EXPERIMENT_SCHEMA_VERSION } = await import(
      pathToFileURL(temporary).href
    );
    const ajv = new Ajv({ validateSchema: false, meta: false, code: { source: true, esm: true } });
    ajv.addSchema(ExperimentRecord, 'record').addSchema(StageDocument, 'stage');
    const code = standaloneCode.default(ajv, { validateRecord: 'record', validateStage: 'stage' });
    return `${code}\nexport const schemaVersion = ${EXPERIMENT_SCHEMA_VERSION};\n`;
  } finally {
    rmSync(temporary, { force: true });
  }
}
