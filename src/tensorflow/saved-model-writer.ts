import type { SavedModelDefinition, StateValues } from '../core/tensorflow.ts';
import type { SizedConstant } from './any-batch.ts';
import { nativeDtype, type NativeBinding } from './binding.ts';
import { emitConstant, emitExecute } from './emit.ts';
import { GraphBuilder, type AttributeValue, type SignatureTensor } from './graph-builder.ts';
import type { RecordedOperation, ValueRef } from './record.ts';

/** A function recorded for batches of any size. */
export interface SavedModelParts {
  readonly definition: Pick<SavedModelDefinition, 'inputs' | 'weights'>;
  readonly operations: readonly (RecordedOperation | SizedConstant)[];
  /** Shapes without the batch. */
  readonly outputs: readonly {
    readonly name: string;
    readonly value: ValueRef;
    readonly shape: readonly number[];
  }[];
}

/** Writes a recorded function as a SavedModel: inputs as placeholders, weights as constants, sizes from the batch. */
export class SavedModelWriter {
  readonly #binding: NativeBinding;
  readonly #graph: GraphBuilder;
  readonly #parts: SavedModelParts;
  readonly #weights: StateValues;
  /** Names of each operation's values. */
  readonly #names: string[][] = [];
  /** The batch size `[] int32`, from its first use. */
  #batch: string | undefined;

  constructor(binding: NativeBinding, parts: SavedModelParts, weights: StateValues) {
    this.#binding = binding;
    this.#graph = new GraphBuilder(binding);
    this.#parts = parts;
    this.#weights = weights;
  }

  /** The bytes of `saved_model.pb`. */
  write(): Uint8Array {
    const { definition, operations, outputs } = this.#parts;
    const inputs = Object.entries(definition.inputs).map(([name, { shape, dtype }]) => {
      const input = signatureTensor(name, nativeDtype(this.#binding, dtype), shape);
      this.#graph.node(name, 'Placeholder', [], {
        dtype: { type: input.dtype },
        shape: { shape: input.shape },
      });
      return input;
    });
    operations.forEach((operation, index) => this.#names.push(this.#write(operation, `operation_${index}`)));
    return this.#graph.savedModel('serve', {
      name: 'serving_default',
      inputs,
      outputs: outputs.map(({ name, value, shape }) => {
        this.#graph.node(name, 'Identity', [this.#nameOf(value)], { T: { type: this.#binding.TF_FLOAT } });
        return signatureTensor(name, this.#binding.TF_FLOAT, shape);
      }),
    });
  }

  #nameOf({ operation, output }: ValueRef): string {
    const name = this.#names[operation]?.[output];
    if (name === undefined) throw new Error(`operation ${operation} is used before it is recorded`);
    return name;
  }

  #write(operation: RecordedOperation | SizedConstant, node: string): string[] {
    switch (operation.type) {
      case 'source':
        return [this.#writeSource(operation.name)];
      case 'constant':
        return [emitConstant(this.#graph, node, operation)];
      case 'sized':
        return [this.#writeSized(operation, node)];
      case 'execute':
        return emitExecute(this.#graph, node, operation, ref => this.#nameOf(ref));
      case 'adam':
        throw new Error('an update of weights in a function that is saved');
    }
  }

  /** An input is its placeholder, a weight a constant of its name. */
  #writeSource(source: string): string {
    const name = source.slice(source.indexOf(' ') + 1);
    if (source.startsWith('input ')) return name;
    const { buffer, byteOffset, byteLength } = this.#weights[name] as Float32Array;
    return emitConstant(this.#graph, name, {
      dtype: this.#binding.TF_FLOAT,
      shape: this.#parts.definition.weights[name] as readonly number[],
      bytes: new Uint8Array(buffer, byteOffset, byteLength),
    });
  }

  /** A vector packed of its elements, by which TensorFlow infers the shapes that do not depend on the batch. */
  #writeSized({ shape, base, perImage }: SizedConstant, node: string): string {
    const elements = base.map((constant, at) =>
      this.#element(constant, perImage[at] as number, `${node}/${at}`),
    );
    if (shape.length === 0) return elements[0] as string;
    const { TF_INT32, TF_ATTR_INT } = this.#binding;
    const count: AttributeValue = { native: { name: 'N', type: TF_ATTR_INT, value: elements.length } };
    const axis: AttributeValue = { native: { name: 'axis', type: TF_ATTR_INT, value: 0 } };
    const type = { type: TF_INT32 };
    if (shape.length === 1) return this.#graph.node(node, 'Pack', elements, { T: type, N: count, axis });
    const packed = this.#graph.node(`${node}/packed`, 'Pack', elements, { T: type, N: count, axis });
    const size = this.#ints(`${node}/shape`, shape, [shape.length]);
    return this.#graph.node(node, 'Reshape', [packed, size], { T: type, Tshape: type });
  }

  /** `constant + perImage × batch`, `[] int32`. */
  #element(constant: number, perImage: number, node: string): string {
    if (perImage === 0) return this.#ints(node, [constant]);
    this.#batch ??= this.#writeBatch();
    const T = { type: this.#binding.TF_INT32 };
    const times = (name: string, factor: string) =>
      this.#graph.node(name, 'Mul', [this.#batch as string, factor], { T });
    const scaled =
      perImage === 1 ? this.#batch : times(`${node}/scaled`, this.#ints(`${node}/perImage`, [perImage]));
    if (constant === 0) return scaled;
    return this.#graph.node(node, 'AddV2', [scaled, this.#ints(`${node}/base`, [constant])], { T });
  }

  #ints(node: string, values: readonly number[], shape: readonly number[] = []): string {
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    return emitConstant(this.#graph, node, { dtype: this.#binding.TF_INT32, shape, bytes });
  }

  /** The batch size, from the first input. */
  #writeBatch(): string {
    const [name, { dtype }] = Object.entries(this.#parts.definition.inputs)[0] as [
      string,
      { dtype: 'float32' | 'int32' },
    ];
    const int = { type: this.#binding.TF_INT32 };
    const shape = this.#graph.node('batch/shape', 'Shape', [name], {
      T: { type: nativeDtype(this.#binding, dtype) },
      out_type: int,
    });
    const range = [
      this.#ints('batch/begin', [0], [1]),
      this.#ints('batch/end', [1], [1]),
      this.#ints('batch/strides', [1], [1]),
    ];
    const shrink = { native: { name: 'shrink_axis_mask', type: this.#binding.TF_ATTR_INT, value: 1 } };
    return this.#graph.node('batch', 'StridedSlice', [shape, ...range], {
      T: int,
      Index: int,
      shrink_axis_mask: shrink,
    });
  }
}

const signatureTensor = (name: string, dtype: number, shape: readonly number[]): SignatureTensor => ({
  name,
  tensor: `${name}:0`,
  dtype,
  shape: [-1, ...shape],
});
