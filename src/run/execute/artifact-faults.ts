/** What is wrong with an artifact: its fields, and whether they agree with its files. Nothing large is read but labels. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ARTIFACT_SCHEMAS } from '../../core/artifact-schemas.ts';
import type { Artifact, ArtifactKind, DatasetArtifact } from '../../core/artifacts.ts';
import { shown } from '../../core/shown.ts';
import { explainSystemError } from '../../core/system-error.ts';
import { isInside } from '../../storage/inside.ts';
import { modelFaults, NETWORKS } from './layers-model-faults.ts';

const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, validateSchema: false });
const validators = new Map<ArtifactKind, ValidateFunction>();

function validatorOf(kind: ArtifactKind): ValidateFunction {
  const known = validators.get(kind) ?? ajv.compile(ARTIFACT_SCHEMAS[kind]);
  validators.set(kind, known);
  return known;
}

/** @param isRead Whether its files' content is known to be what a stage gave before: it is not read again. */
export async function artifactFaults(
  artifact: Artifact,
  { isRead = false } = {},
): Promise<readonly string[]> {
  const faults = [...fieldFaults(artifact)];
  if (faults.length === 0) faults.push(...transformFaults(artifact), ...folderFaults(artifact));
  if (faults.length === 0)
    faults.push(...namedFiles(artifact).flatMap(file => fileFault(artifact, file) ?? []));
  if (faults.length > 0) return faults;
  if (artifact.kind === 'dataset') return datasetFaults(artifact, isRead);
  return artifact.kind === 'trained-model' ? modelFaults(artifact) : [];
}

function fieldFaults(artifact: Artifact): readonly string[] {
  const validate = validatorOf(artifact.kind);
  return validate(artifact) ? [] : (validate.errors ?? []).map(fieldFault);
}

function fieldFault({ instancePath, keyword, params, parentSchema, schema, data }: ErrorObject): string {
  const isMissing = keyword === 'required';
  const missing = isMissing ? (params as { readonly missingProperty: string }).missingProperty : '';
  const parts = [...instancePath.split('/').slice(1), ...(isMissing ? [missing] : [])];
  const path = parts.map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
  const properties = (parentSchema as { readonly properties?: Readonly<Record<string, unknown>> } | undefined)
    ?.properties;
  const wanted = (isMissing ? properties?.[missing] : parentSchema) as
    { readonly expected?: string } | undefined;
  const found = isMissing ? 'missing' : shown(data);
  return `${path.replace(/^\./, '')} is ${found}; expected ${wanted?.expected ?? shown(schema)}`;
}

function transformFaults(artifact: Artifact): readonly string[] {
  if (!('transform' in artifact)) return [];
  const channels = artifact.kind === 'dataset' ? artifact.channels : artifact.imageShape[2];
  return (['scale', 'offset'] as const).flatMap(name => {
    const { length } = artifact.transform[name];
    if (length === channels) return [];
    return [`transform.${name} has ${length} numbers; expected ${channels}, as for its channels`];
  });
}

function folderFaults({ dir }: Artifact): readonly string[] {
  const status = statSync(dir, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return [];
  return [`dir is ${dir}, which ${status === undefined ? 'is not there' : 'is a file'}; expected a folder`];
}

interface NamedFile {
  readonly field: string;
  /** Relative to the artifact's folder. */
  readonly path: string;
}

function namedFiles(artifact: Artifact): readonly NamedFile[] {
  const field = (name: string, path: string) => [{ field: name, path }];
  switch (artifact.kind) {
    case 'dataset':
      return [...field('images', artifact.images), ...field('labels', artifact.labels)];
    case 'model':
      return [];
    case 'trained-model':
      return NETWORKS.flatMap(name => field(name, `${artifact[name]}/model.json`));
    case 'frames':
      return artifact.frames.flatMap(({ file }, index) => field(`frames[${index}].file`, file));
    case 'images':
    case 'files':
      return artifact.files.flatMap((file, index) => field(`files[${index}]`, file));
    case 'animation':
      return field('file', artifact.file);
    case 'comparison':
      return [...field('markdown', artifact.markdown), ...field('json', artifact.json)];
  }
}

function fileFault({ dir }: Artifact, { field, path }: NamedFile): string | undefined {
  const file = join(dir, path);
  try {
    const status = statSync(file);
    if (!isInside(realpathSync(dir), realpathSync(file)))
      return `${field} is ${path}, a link that leads out of its folder`;
    if (status.isFile()) return undefined;
    const kind = status.isDirectory() ? 'a folder' : 'no regular file';
    return `${field} is ${path}, which is ${kind}; expected a file`;
  } catch (error) {
    const refusal = explainSystemError(error);
    if (refusal === undefined) throw error;
    const reason = refusal.code === 'ENOENT' ? 'is not there' : `cannot be read: ${refusal.reason}`;
    return `${field} is ${path}, which ${reason}`;
  }
}

async function datasetFaults(
  { dir, images, labels, count, height, width, channels, classes }: DatasetArtifact,
  isRead: boolean,
): Promise<readonly string[]> {
  const bytes = count * height * width * channels;
  const sizes = { images: statSync(join(dir, images)).size, labels: statSync(join(dir, labels)).size };
  const faults: string[] = [];
  if (sizes.images !== bytes) {
    const shape = [count, height, width, channels].join(' × ');
    faults.push(`images is ${images} of ${sizes.images} bytes; expected ${bytes}, which is ${shape}`);
  }
  if (sizes.labels !== count)
    faults.push(`labels is ${labels} of ${sizes.labels} bytes; expected ${count}, one for each image`);
  if (faults.length > 0 || isRead) return faults;
  const wrong = await firstFrom(join(dir, labels), classes.length);
  if (wrong === undefined) return [];
  return [
    `labels has ${wrong.byte} for image ${wrong.at}; expected less than ${classes.length}, the number of its classes`,
  ];
}

/** The first byte of a file that is not below a limit. */
async function firstFrom(
  path: string,
  limit: number,
): Promise<{ readonly byte: number; readonly at: number } | undefined> {
  let start = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer;
    const index = bytes.findIndex(byte => byte >= limit);
    if (index >= 0) return { byte: bytes[index] ?? 0, at: start + index };
    start += bytes.length;
  }
  return undefined;
}
