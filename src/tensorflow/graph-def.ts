import { createRequire } from 'node:module';
import { unreachable } from '../core/failure.ts';
import { emitAdam } from './adam.ts';
import { deduplicate } from './deduplicate.ts';
import { nativeDtype, type NativeAttribute, type NativeBinding } from './binding.ts';
import type { RecordedOperation, ValueRef } from './record.ts';

// tfjs-node ships TensorFlow's protocol buffer classes without types; these are the parts used here.
interface Message {
  serializeBinary(): Uint8Array;
}
interface AttrValueMessage extends Message {
  setS(value: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setType(value: number): void;
  setShape(value: Message): void;
  setTensor(value: Message): void;
  setList(value: Message): void;
}
interface Proto {
  SavedModel: new () => Message & {
    setSavedModelSchemaVersion(v: number): void;
    addMetaGraphs(v: Message): void;
  };
  MetaGraphDef: (new () => Message & { setMetaInfoDef(v: Message): void; setGraphDef(v: Message): void }) & {
    MetaInfoDef: new () => Message & { addTags(v: string): void };
  };
  GraphDef: new () => Message & { addNode(v: Message): void; setVersions(v: Message): void };
  VersionDef: new () => Message & { setProducer(v: number): void };
  NodeDef: new () => Message & {
    setName(v: string): void;
    setOp(v: string): void;
    addInput(v: string): void;
    getAttrMap(): { set(key: string, v: AttrValueMessage): void };
  };
  AttrValue: (new () => AttrValueMessage) & {
    ListValue: new () => Message & {
      setIList(v: readonly number[]): void;
      setFList(v: readonly number[]): void;
      setBList(v: readonly boolean[]): void;
    };
  };
  TensorShape: (new () => Message & { addDim(v: Message): void }) & {
    Dim: new () => Message & { setSize(v: number): void };
  };
  Tensor: new () => Message & {
    setDtype(v: number): void;
    setTensorShape(v: Message): void;
    setTensorContent(v: Uint8Array): void;
  };
}

/** GraphDef version of TensorFlow 2; older consumers accept it for these operations. */
const PRODUCER_VERSION = 987;

export type AttributeValue =
  | { readonly type: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly shape: readonly number[] }
  | {
      readonly tensor: {
        readonly dtype: number;
        readonly shape: readonly number[];
        readonly bytes: Uint8Array;
      };
    }
  | { readonly native: NativeAttribute };

/** Builds a GraphDef node by node; inputs are `<node>:<output>`, control inputs `^<node>`. */
export class GraphBuilder {
  readonly binding: NativeBinding;
  readonly #proto: Proto;
  readonly #graph: InstanceType<Proto['GraphDef']>;

  constructor(binding: NativeBinding) {
    this.binding = binding;
    const require = createRequire(import.meta.url);
    this.#proto = require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Proto;
    this.#graph = new this.#proto.GraphDef();
    const versions = new this.#proto.VersionDef();
    versions.setProducer(PRODUCER_VERSION);
    this.#graph.setVersions(versions);
  }

  /** Adds a node and answers its name. */
  node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue>,
  ): string {
    const node = new this.#proto.NodeDef();
    node.setName(name);
    node.setOp(op);
    for (const input of inputs) node.addInput(input);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, this.#attribute(value));
    this.#graph.addNode(node);
    return name;
  }

  /** The bytes of `saved_model.pb`, with the tag `pipe`. */
  savedModel(): Uint8Array {
    const info = new this.#proto.MetaGraphDef.MetaInfoDef();
    info.addTags('pipe');
    const meta = new this.#proto.MetaGraphDef();
    meta.setMetaInfoDef(info);
    meta.setGraphDef(this.#graph);
    const model = new this.#proto.SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.addMetaGraphs(meta);
    return model.serializeBinary();
  }

  #shape(shape: readonly number[]): Message {
    const message = new this.#proto.TensorShape();
    for (const size of shape) {
      const dim = new this.#proto.TensorShape.Dim();
      dim.setSize(size);
      message.addDim(dim);
    }
    return message;
  }

  #attribute(value: AttributeValue): AttrValueMessage {
    const message = new this.#proto.AttrValue();
    if ('type' in value) message.setType(value.type);
    else if ('bool' in value) message.setB(value.bool);
    else if ('string' in value) message.setS(Buffer.from(value.string));
    else if ('shape' in value) message.setShape(this.#shape(value.shape));
    else if ('tensor' in value) {
      const tensor = new this.#proto.Tensor();
      tensor.setDtype(value.tensor.dtype);
      tensor.setTensorShape(this.#shape(value.tensor.shape));
      tensor.setTensorContent(value.tensor.bytes);
      message.setTensor(tensor);
    } else this.#nativeAttribute(message, value.native);
    return message;
  }

  /** An attribute as tfjs-node passes it to an eager operation. */
  #nativeAttribute(message: AttrValueMessage, { name, type, value }: NativeAttribute): void {
    const { binding } = this;
    if (Array.isArray(value) && type !== binding.TF_ATTR_SHAPE) {
      const list = new this.#proto.AttrValue.ListValue();
      if (type === binding.TF_ATTR_INT) list.setIList(value as number[]);
      else if (type === binding.TF_ATTR_FLOAT) list.setFList(value as number[]);
      else if (type === binding.TF_ATTR_BOOL) list.setBList(value as boolean[]);
      else throw new Error(`attribute "${name}": a list of type ${type} cannot be compiled`);
      message.setList(list);
    } else if (type === binding.TF_ATTR_STRING) message.setS(Buffer.from(value as string));
    else if (type === binding.TF_ATTR_INT) message.setI(value as number);
    else if (type === binding.TF_ATTR_FLOAT) message.setF(value as number);
    else if (type === binding.TF_ATTR_BOOL) message.setB(Boolean(value));
    else if (type === binding.TF_ATTR_TYPE) message.setType(value as number);
    else if (type === binding.TF_ATTR_SHAPE) message.setShape(this.#shape(value as number[]));
    else throw new Error(`attribute "${name}" has the unknown type ${type}`);
  }
}

/** What a graph is made of: the recording, and what its values mean. */
export interface GraphParts {
  readonly operations: readonly RecordedOperation[];
  /** In the order in which the session is fed. */
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: 'float32' | 'int32' | 'uint8';
  }[];
  readonly state: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly value: ValueRef }[];
  /** New values, by state name. */
  readonly updates: ReadonlyMap<string, ValueRef>;
}

/** Names of the nodes that a session feeds and fetches. */
export const nodeNames = {
  input: (index: number) => `input_${index}`,
  output: (index: number) => `output_${index}`,
  /** Fetched by every run, so that a step without outputs still makes its updates. */
  finished: 'finished',
  write: (index: number) => `write_${index}`,
  written: (index: number) => `written_${index}`,
  read: (index: number) => `read_${index}`,
};

/**
 * Writes the recording as a graph. State entry i is a resource variable: `read_i` reads it, and `output_*` wait for all
 * its updates. An Adam update works in place on the variables, each in the order of the recording; every other update is an assignment that
 * waits for all outputs' inputs, so that no read can see a new value by accident.
 */
export function buildGraph(binding: NativeBinding, parts: GraphParts): Uint8Array {
  const graph = new GraphBuilder(binding);
  const float = { type: binding.TF_FLOAT };
  const none = graph.node('none', 'Const', [], {
    dtype: { type: binding.TF_INT32 },
    value: { tensor: { dtype: binding.TF_INT32, shape: [], bytes: new Uint8Array(4) } },
  });
  const handles = new Map<string, string>();
  parts.state.forEach(({ name, shape }, index) => {
    const attributes = { dtype: float, shape: { shape } };
    const handle = graph.node(`state_${index}`, 'VarHandleOp', [], {
      ...attributes,
      shared_name: { string: `state_${index}` },
      container: { string: '' },
    });
    handles.set(name, handle);
    graph.node(nodeNames.write(index), 'Placeholder', [], attributes);
    graph.node(`assign_${index}`, 'AssignVariableOp', [handle, nodeNames.write(index)], { dtype: float });
    graph.node(nodeNames.written(index), 'Identity', [none, `^assign_${index}`], {
      T: { type: binding.TF_INT32 },
    });
    graph.node(nodeNames.read(index), 'ReadVariableOp', [handle], { dtype: float });
  });
  const stateIndex = new Map(parts.state.map(({ name }, index) => [name, index]));
  parts.inputs.forEach(({ shape, dtype }, index) =>
    graph.node(nodeNames.input(index), 'Placeholder', [], {
      dtype: { type: nativeDtype(binding, dtype) },
      shape: { shape },
    }),
  );
  const inputIndex = new Map(parts.inputs.map(({ name }, index) => [`input ${name}`, index]));

  // The value names, operation by operation: `<node>:<output>`.
  const names: string[][] = [];
  const firstOf = deduplicate(parts.operations);
  const nameOf = (ref: ValueRef): string => {
    const { operation, output } = firstOf(ref);
    const name = names[operation]?.[output];
    if (name === undefined) throw new Error(`operation ${operation} is used before it is recorded`);
    return name;
  };
  /** Which state entry a value is the newest value of, so that Adam can work in place. */
  const holders = new Map<string, string>();
  const lastWrite = new Map<string, string>();
  parts.operations.forEach((operation, index) => {
    const node = `op_${index}`;
    switch (operation.type) {
      case 'source': {
        const input = inputIndex.get(operation.name);
        const state = stateIndex.get(operation.name.replace(/^state /, ''));
        if (input !== undefined) names.push([nodeNames.input(input)]);
        else if (state !== undefined) {
          // A read of its own, ordered before the updates; `read_i` is for fetching between steps.
          graph.node(node, 'ReadVariableOp', [`state_${state}`], { dtype: float });
          names.push([node]);
          holders.set(node, operation.name.replace(/^state /, ''));
          lastWrite.set(operation.name.replace(/^state /, ''), node);
        } else throw new Error(`unknown source ${operation.name}`);
        return;
      }
      case 'constant':
        graph.node(node, 'Const', [], {
          dtype: { type: operation.dtype },
          value: { tensor: { dtype: operation.dtype, shape: operation.shape, bytes: operation.bytes } },
        });
        names.push([node]);
        return;
      case 'execute':
        graph.node(
          node,
          operation.name,
          operation.inputs.map(nameOf),
          Object.fromEntries(operation.attributes.map(native => [native.name, { native }])),
        );
        names.push(
          Array.from({ length: operation.outputs }, (_, output) =>
            output === 0 ? node : `${node}:${output}`,
          ),
        );
        return;
      case 'adam':
        names.push(emitAdam(graph, node, operation.inputs.map(nameOf), { handles, holders, lastWrite }));
        return;
      default:
        unreachable(operation);
    }
  });

  const writes: string[] = [];
  for (const [name, ref] of parts.updates) {
    const value = nameOf(ref);
    if (holders.get(value) === name) {
      const write = lastWrite.get(name);
      if (write !== undefined) writes.push(`^${write}`);
      continue;
    }
    const handle = handles.get(name);
    if (handle === undefined) throw new Error(`unknown state ${name}`);
    const read = lastWrite.get(name);
    const assign = graph.node(
      `update_${stateIndex.get(name) ?? ''}`,
      'AssignVariableOp',
      [handle, value, ...(read === undefined ? [] : [`^${read}`])],
      { dtype: float },
    );
    writes.push(`^${assign}`);
  }
  const done = graph.node('done', 'NoOp', writes, {});
  parts.outputs.forEach(({ value }, index) =>
    graph.node(nodeNames.output(index), 'Identity', [nameOf(value), `^${done}`], { T: float }),
  );
  graph.node(nodeNames.finished, 'Identity', [none, `^${done}`], { T: { type: binding.TF_INT32 } });
  return graph.savedModel();
}
