import { basename } from 'node:path';
import { pathFrom, type Loading, type ReadFile } from './loading.ts';
import { child, stringOf, type MapNode, type Node } from './node.ts';
import { describeNode, problemAt } from './problems.ts';
import type { Source } from './source.ts';

/** One file of an `extends:` chain. */
export interface PipelineFile extends ReadFile {
  readonly root: MapNode;
}

/**
 * Reads a pipeline file and the files that it extends, the file itself first; undefined, with the problems reported, when one of
 * them cannot be used.
 * @param path Absolute.
 * @param name For messages.
 */
export async function readChain(
  path: string,
  name: string,
  loading: Loading,
): Promise<readonly PipelineFile[] | undefined> {
  const chain: PipelineFile[] = [];
  const paths = [path];
  let read = await loading.read(path, name);
  for (;;) {
    const file = asPipeline(read, loading);
    if (file === undefined) return undefined;
    chain.push(file);
    const base = child(file.root, 'extends');
    if (base === undefined) return chain;
    read = await readBase(file.source, base, paths, loading);
  }
}

function asPipeline(file: ReadFile | undefined, { report }: Loading): PipelineFile | undefined {
  if (file?.root === undefined) return undefined;
  const { source, root } = file;
  if (root.kind === 'map') return { source, root };
  const details = { expected: 'a mapping with name and stages', found: describeNode(root) };
  report(problemAt(root.span, 'not-a-pipeline', `${source.name} is not a pipeline`, details));
  return undefined;
}

/** Reads the base that a file extends. @param paths The absolute paths so far; the base's is added. */
async function readBase(
  source: Source,
  node: Node,
  paths: string[],
  loading: Loading,
): Promise<ReadFile | undefined> {
  const fail = (code: string, message: string, expected: string, found: string) => {
    loading.report(problemAt(node.span, code, message, { expected, found }));
    return undefined;
  };
  const written = stringOf(node);
  if (written === undefined || written === '')
    return fail('wrong-type', 'extends names no file', 'the path of a pipeline file', describeNode(node));
  const base = pathFrom(source, written);
  const before = paths.indexOf(base.path);
  if (before !== -1) {
    const loop = [...paths.slice(before), base.path].map(path => basename(path)).join(' → ');
    return fail(
      'extends-cycle',
      'extends goes round in a circle',
      'a file that does not extend this one',
      loop,
    );
  }
  paths.push(base.path);
  return loading.read(base.path, base.name, node.span);
}
