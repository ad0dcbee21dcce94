import type { NativeAttribute, NativeBinding } from './binding.ts';
import { requireProtocol } from './tfjs.ts';

// tfjs-node ships TensorFlow's protocol buffer classes without types; these are the parts used here.
interface Message {
  serializeBinary(): Uint8Array;
}
interface MessageMap {
  set(key: string, v: Message): void;
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
  MetaGraphDef: (new () => Message & {
    setMetaInfoDef(v: Message): void;
    setGraphDef(v: Message): void;
    getSignatureDefMap(): MessageMap;
  }) & {
    MetaInfoDef: new () => Message & { addTags(v: string): void };
  };
  SignatureDef: new () => Message & {
    getInputsMap(): MessageMap;
    getOutputsMap(): MessageMap;
    setMethodName(v: string): void;
  };
  TensorInfo: new () => Message & {
    setName(v: string): void;
    setDtype(v: number): void;
    setTensorShape(v: Message): void;
  };
  GraphDef: new () => Message & { addNode(v: Message): void; setVersions(v: Message): void };
  VersionDef: new () => Message & { setProducer(v: number): void };
  NodeDef: new () => Message & {
    setName(v: string): void;
    setOp(v: string): void;
    addInput(v: string): void;
    getAttrMap(): MessageMap;
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

/** GraphDef version of TensorFlow 2, which older consumers accept for these operations. */
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

/** A tensor of a signature. */
export interface SignatureTensor {
  /** Its name for the caller. */
  readonly name: string;
  /** `<node>:<output>`. */
  readonly tensor: string;
  readonly dtype: number;
  /** -1 for a size that is not fixed. */
  readonly shape: readonly number[];
}

/** What a program that loads a graph calls. */
export interface Signature {
  readonly name: string;
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** Builds a GraphDef node by node; inputs are `<node>:<output>`, control inputs `^<node>`. */
export class GraphBuilder {
  readonly binding: NativeBinding;
  readonly #proto: Proto;
  readonly #graph: InstanceType<Proto['GraphDef']>;

  constructor(binding: NativeBinding) {
    this.binding = binding;
    this.#proto = requireProtocol() as Proto;
    this.#graph = new this.#proto.GraphDef();
    const versions = new this.#proto.VersionDef();
    versions.setProducer(PRODUCER_VERSION);
    this.#graph.setVersions(versions);
  }

  /** Adds a node; returns its name. */
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

  /** The bytes of `saved_model.pb`. */
  savedModel(tag: string, signature?: Signature): Uint8Array {
    const info = new this.#proto.MetaGraphDef.MetaInfoDef();
    info.addTags(tag);
    const meta = new this.#proto.MetaGraphDef();
    meta.setMetaInfoDef(info);
    meta.setGraphDef(this.#graph);
    if (signature !== undefined) meta.getSignatureDefMap().set(signature.name, this.#signature(signature));
    const model = new this.#proto.SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.addMetaGraphs(meta);
    return model.serializeBinary();
  }

  #signature({ inputs, outputs }: Signature): Message {
    const message = new this.#proto.SignatureDef();
    message.setMethodName('tensorflow/serving/predict');
    for (const { name, ...each } of inputs) message.getInputsMap().set(name, this.#tensorInfo(each));
    for (const { name, ...each } of outputs) message.getOutputsMap().set(name, this.#tensorInfo(each));
    return message;
  }

  #tensorInfo({ tensor, dtype, shape }: Omit<SignatureTensor, 'name'>): Message {
    const message = new this.#proto.TensorInfo();
    message.setName(tensor);
    message.setDtype(dtype);
    message.setTensorShape(this.#shape(shape));
    return message;
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
