import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf, type Artifact, type ArtifactDefinition } from '../../core/artifacts/definition.ts';
import { artifactFieldFaults } from '../../core/artifacts/field-faults.ts';
import { namedFiles } from '../../core/artifacts/named-files.ts';
import { shown } from '../../core/shown.ts';
import { explainSystemError } from '../../core/system-error.ts';
import { thrownMessage } from '../../core/thrown.ts';
import { isInside } from '../../storage/inside.ts';
import { filesOf } from './files-of-artifact.ts';

/**
 * Faults of an artifact of a kind: in its fields, its files, and by the kind's own check.
 * @param areNew True if a stage has just written its files; others are known to be unchanged since their check.
 */
export async function artifactFaults(
  definition: ArtifactDefinition,
  artifact: Artifact,
  { areNew }: { readonly areNew: boolean },
): Promise<readonly string[]> {
  const fields = artifactFieldFaults(definition, artifact);
  if (fields.length > 0) return fields;
  const folder = folderFault(artifact.dir);
  if (folder !== undefined) return [folder];
  const files = namedFiles(definition, artifact).flatMap(
    // By the schema, a file name is a text.
    ({ field, path }) => fileFault(artifact.dir, field, path as string) ?? [],
  );
  return files.length > 0 ? files : ownFaults(definition, artifact, areNew);
}

/** Faults found by the kind's own check, which may be a user's. */
async function ownFaults(
  { kind, check }: ArtifactDefinition,
  artifact: Artifact,
  areNew: boolean,
): Promise<readonly string[]> {
  let found: unknown;
  try {
    found = (await check?.(structuredClone(fieldsOf(artifact)), filesOf(artifact.dir, areNew))) ?? [];
  } catch (error) {
    return [`the check of ${kind} fails: ${thrownMessage(error)}`];
  }
  const isRight = Array.isArray(found) && found.every(fault => typeof fault === 'string');
  return isRight
    ? (found as string[])
    : [`the check of ${kind} returns ${shown(found)}; expected a list of texts`];
}

function folderFault(dir: string): string | undefined {
  const status = statSync(dir, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return undefined;
  return `dir is ${dir}, which ${status === undefined ? 'is not there' : 'is a file'}; expected a folder`;
}

function fileFault(dir: string, field: string, path: string): string | undefined {
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
