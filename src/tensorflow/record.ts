import { Failure } from '../core/failure.ts';
import type { NativeAttribute, NativeBackend, NativeBinding, NativeTensor } from './binding.ts';

/** A value of a recording: output `output` of operation number `operation`. */
export interface ValueRef {
  readonly operation: number;
  readonly output: number;
}

/** A constant created in JavaScript during the recording. */
export interface ConstantOperation {
  readonly type: 'constant';
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly bytes: Uint8Array;
}

/** A value that exists before the step: an input or a state entry. */
export interface SourceOperation {
  readonly type: 'source';
  readonly name: string;
}

/** A TensorFlow operation. */
export interface ExecuteOperation {
  readonly type: 'execute';
  readonly name: string;
  readonly attributes: readonly NativeAttribute[];
  readonly inputs: readonly ValueRef[];
  readonly outputs: number;
}

/** An Adam update (see adam.ts): inputs value, m, v, six scalars, gradient and perhaps a decay; outputs value, m, v. */
export interface AdamOperation {
  readonly type: 'adam';
  readonly inputs: readonly ValueRef[];
}

export type RecordedOperation = ConstantOperation | SourceOperation | ExecuteOperation | AdamOperation;

/** Operations whose result is not a function of their inputs. */
const RANDOM_OPERATIONS = /^(Random|Multinomial|ParameterizedTruncatedNormal|TruncatedNormal)/;

function refusal(step: string, what: string, instead: string): Failure {
  return new Failure({
    code: 'step-not-pure',
    message: `The step “${step}” ${what}, which a compiled step would silently freeze.`,
    hint: instead,
  });
}

/**
 * Records every operation that tfjs-node executes while a function runs. All of them go through the addon's `executeOp` and
 * `createTensor`; the addon never reuses a tensor id, so ids identify values.
 */
export class Recorder {
  readonly operations: RecordedOperation[] = [];
  readonly #values = new Map<number, ValueRef>();
  readonly #step: string;
  #paused = false;

  constructor(step: string) {
    this.#step = step;
  }

  /** Registers an existing tensor as an input or a state entry. */
  source(name: string, id: number): void {
    this.#values.set(id, { operation: this.#add({ type: 'source', name }), output: 0 });
  }

  /** Records an Adam update as one operation; what `run` executes for it is not recorded. */
  adam(inputs: readonly number[], run: () => NativeTensor[]): NativeTensor[] {
    const refs = inputs.map(id => this.value(id));
    this.#paused = true;
    const outputs = run();
    this.#paused = false;
    const operation = this.#add({ type: 'adam', inputs: refs });
    outputs.forEach((tensor, output) => this.#values.set(tensor.id, { operation, output }));
    return outputs;
  }

  /** The recorded value of a native tensor id. Throws a Failure for a tensor from outside of the step. */
  value(id: number): ValueRef {
    const ref = this.#values.get(id);
    if (ref !== undefined) return ref;
    throw refusal(
      this.#step,
      'uses a tensor made outside of it',
      'Pass the tensor as an input, or keep it in the state.',
    );
  }

  /** Runs `body` with a binding that records in place of the backend's own. */
  record<T>(backend: NativeBackend, body: () => T): T {
    const native = backend.binding;
    const random = Math.random;
    backend.binding = this.#recording(native);
    Math.random = () => {
      throw refusal(
        this.#step,
        'draws random numbers',
        'Draw them outside with `Random` and pass them as an input.',
      );
    };
    try {
      return body();
    } finally {
      backend.binding = native;
      Math.random = random;
    }
  }

  #add(operation: RecordedOperation): number {
    return this.operations.push(operation) - 1;
  }

  #recording(native: NativeBinding): NativeBinding {
    const refuseRead = (): never => {
      throw refusal(
        this.#step,
        'reads a tensor’s values back',
        'Return the tensor as an output and read it after the step.',
      );
    };
    const overrides: Partial<NativeBinding> = {
      createTensor: (shape, dtype, values) => {
        const id = native.createTensor(shape, dtype, values);
        if (this.#paused) return id;
        if (!ArrayBuffer.isView(values)) throw new Error('a string tensor inside a compiled step');
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
        const operation = this.#add({ type: 'constant', shape: [...shape], dtype, bytes });
        this.#values.set(id, { operation, output: 0 });
        return id;
      },
      executeOp: (name, attributes, inputs, outputs) => {
        if (this.#paused) return native.executeOp(name, attributes, inputs, outputs);
        if (RANDOM_OPERATIONS.test(name))
          throw refusal(
            this.#step,
            'draws random numbers',
            'Draw them outside with `Random` and pass them as an input.',
          );
        const refs = inputs.map(id => this.value(id));
        const results = native.executeOp(name, attributes, inputs, outputs);
        const operation = this.#add({
          type: 'execute',
          name,
          attributes: complete(native, name, attributes, results),
          inputs: refs,
          outputs: results.length,
        });
        results.forEach((tensor, output) => this.#values.set(tensor.id, { operation, output }));
        return results;
      },
      tensorDataSync: refuseRead,
      runSavedModel: refuseRead,
      deleteTensor: id => native.deleteTensor(id),
    };
    // The addon's own properties are read-only, so they cannot be assigned over.
    return Object.create(
      native,
      Object.fromEntries(Object.entries(overrides).map(([name, value]) => [name, { value }])),
    ) as NativeBinding;
  }
}

/** tfjs-node leaves it to an eager operation to find the type of its input out, which a graph does not do. */
function complete(
  { TF_ATTR_TYPE }: NativeBinding,
  name: string,
  attributes: readonly NativeAttribute[],
  results: readonly NativeTensor[],
): readonly NativeAttribute[] {
  if (name !== 'ExpandDims') return attributes;
  return [{ name: 'T', type: TF_ATTR_TYPE, value: results[0]?.dtype }, ...attributes];
}

/**
 * Compares two recordings of one step. Throws a Failure where they differ: something in the step changes from call to call (a
 * JavaScript counter, a schedule, a random constant), which a replay would not.
 */
export function assertRepeatable(step: string, first: Recorder, second: Recorder): void {
  const changed = first.operations.findIndex((operation, index) => {
    const other = second.operations[index];
    return other === undefined || describe(operation) !== describe(other);
  });
  if (changed < 0 && first.operations.length === second.operations.length) return;
  const operation = first.operations[Math.max(changed, 0)];
  const what =
    operation?.type === 'constant'
      ? `uses a JavaScript value that changes from call to call (a constant of shape [${operation.shape.join(', ')}])`
      : 'does not execute the same operations at every call';
  throw refusal(step, what, 'Pass what changes as an input of the step.');
}

/** A text that equal operations share. */
export function describe(operation: RecordedOperation): string {
  return operation.type === 'constant'
    ? JSON.stringify([operation.shape, operation.dtype, Buffer.from(operation.bytes).toString('base64')])
    : JSON.stringify(operation);
}
