import type { Node, Path } from './node.ts';
import type { PipelineStage, SecretParam } from './pipeline.ts';

/** Values in a node that come from secret environment variables. */
export function secretParams(node: Node, path: Path = []): readonly SecretParam[] {
  switch (node.kind) {
    case 'scalar':
      return node.reference === undefined ? [] : [{ path, reference: node.reference }];
    case 'list':
      return node.items.flatMap((item, index) => secretParams(item, [...path, index]));
    case 'map':
      return [...node.entries].flatMap(([key, { value }]) => secretParams(value, [...path, key]));
  }
}

/** Parameters for records, with a reference in place of each secret. */
export function withReferences<T>(params: T, secrets: readonly SecretParam[] = []): T {
  return secrets.reduce((changed, { path, reference }) => setAt(changed, path, reference) as T, params);
}

/** A stage's parameters for records. */
export const recordedParams = ({ params, secrets }: Pick<PipelineStage, 'params' | 'secrets'>) =>
  withReferences(params, secrets);

function setAt(value: unknown, [part, ...rest]: Path, leaf: string): unknown {
  if (part === undefined) return leaf;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === part ? setAt(item, rest, leaf) : item));
  const record = value as Readonly<Record<string, unknown>>;
  return { ...record, [part]: setAt(record[part], rest, leaf) };
}
