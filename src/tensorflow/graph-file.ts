/** Graphs that other programs saved: bytes of a GraphDef, a protocol buffer. */
import { Failure } from '../core/failure.ts';
import type { GraphNode } from '../core/tensorflow.ts';
import { requireProtocol } from './tfjs.ts';

// tfjs-node ships TensorFlow's protocol buffer classes without types; these are the parts used here.
interface Message {
  serializeBinary(): Uint8Array;
}
interface Proto {
  readonly GraphDef: {
    deserializeBinary(bytes: Uint8Array): {
      getNodeList(): readonly { getName(): string; getOp(): string; getInputList(): readonly string[] }[];
    };
  };
  readonly MetaGraphDef: (new () => Message & { setMetaInfoDef(value: Message): void }) & {
    MetaInfoDef: new () => Message & { addTags(value: string): void };
  };
  readonly SavedModel: new () => Message & { setSavedModelSchemaVersion(value: number): void };
}

/** The nodes of a GraphDef. @throws Failure `not-a-graph` for other bytes */
export function graphNodes(graphDef: Uint8Array): readonly GraphNode[] {
  const nodes = parse(graphDef);
  if (nodes.length > 0) return nodes;
  throw new Failure({
    code: 'not-a-graph',
    message: 'it is no TensorFlow graph (a GraphDef in binary form)',
  });
}

/** The nodes of a GraphDef; none for bytes that are no protocol buffer. */
function parse(graphDef: Uint8Array): readonly GraphNode[] {
  const { GraphDef } = requireProtocol() as Proto;
  try {
    return GraphDef.deserializeBinary(graphDef)
      .getNodeList()
      .map(node => ({ name: node.getName(), op: node.getOp(), inputs: node.getInputList() }));
  } catch {
    // The parser throws a different thing for each kind of bytes that are no GraphDef.
    return [];
  }
}

/** Fields of messages of TensorFlow's saved_model.proto and meta_graph.proto. */
const META_GRAPHS = 2;
const GRAPH_DEF = 2;

/**
 * A GraphDef as `saved_model.pb`, in parts, its bytes as they are: tfjs-node's protocol buffer classes know fewer fields than
 * TensorFlow has, and would drop the others.
 */
export function wrapGraph(graphDef: Uint8Array, tag: string): readonly Uint8Array[] {
  const { SavedModel, MetaGraphDef } = requireProtocol() as Proto;
  const info = new MetaGraphDef.MetaInfoDef();
  info.addTags(tag);
  const meta = new MetaGraphDef();
  meta.setMetaInfoDef(info);
  const model = new SavedModel();
  model.setSavedModelSchemaVersion(1);
  const withGraph = [meta.serializeBinary(), fieldHead(GRAPH_DEF, graphDef.length), graphDef];
  const length = withGraph.reduce((sum, part) => sum + part.length, 0);
  return [model.serializeBinary(), fieldHead(META_GRAPHS, length), ...withGraph];
}

/** What precedes the bytes of a field in a protocol buffer: its number with the type for bytes, 2, and their length as a varint. */
function fieldHead(field: number, length: number): Uint8Array {
  const bytes = [(field << 3) | 2];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}
