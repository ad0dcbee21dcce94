import { unreachable } from '../core/failure.ts';
import { emitAdam, type StateTracking } from './adam.ts';
import { nativeDtype, type NativeBinding } from './binding.ts';
import { deduplicate } from './deduplicate.ts';
import { emitConstant, emitExecute } from './emit.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { RecordedOperation, ValueRef } from './record.ts';

/** A recording, and the meaning of its values. */
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
  /** Fetched by every run, so that a step without outputs is still executed. */
  finished: 'finished',
  write: (index: number) => `write_${index}`,
  written: (index: number) => `written_${index}`,
  read: (index: number) => `read_${index}`,
};

/**
 * The recording as a SavedModel. State entry i is a resource variable, which `write_i` and `read_i` access between steps. Adam
 * updates the variables in place, in the order of the recording; every other update is an assignment after the step's own read, so
 * that no operation sees a new value. Outputs wait for all updates.
 */
export function buildGraph(binding: NativeBinding, parts: GraphParts): Uint8Array {
  return new GraphWriter(binding, parts).write();
}

class GraphWriter {
  readonly #graph: GraphBuilder;
  readonly #parts: GraphParts;
  readonly #float: { readonly type: number };
  readonly #int: { readonly type: number };
  readonly #firstOf: (ref: ValueRef) => ValueRef;
  /** Names of each operation's values: `<node>:<output>`. */
  readonly #names: string[][] = [];
  readonly #tracking: StateTracking;

  constructor(binding: NativeBinding, parts: GraphParts) {
    this.#graph = new GraphBuilder(binding);
    this.#parts = parts;
    this.#float = { type: binding.TF_FLOAT };
    this.#int = { type: binding.TF_INT32 };
    this.#firstOf = deduplicate(parts.operations);
    this.#tracking = {
      handles: new Map(parts.state.map(({ name }, index) => [name, `state_${index}`])),
      holders: new Map(),
      lastWrite: new Map(),
    };
  }

  write(): Uint8Array {
    const none = emitConstant(this.#graph, 'none', {
      dtype: this.#int.type,
      shape: [],
      bytes: new Uint8Array(4),
    });
    this.#parts.state.forEach(({ shape }, index) => this.#writeState(shape, index, none));
    this.#parts.inputs.forEach(({ shape, dtype }, index) =>
      this.#graph.node(nodeNames.input(index), 'Placeholder', [], {
        dtype: { type: nativeDtype(this.#graph.binding, dtype) },
        shape: { shape },
      }),
    );
    this.#parts.operations.forEach((operation, index) =>
      this.#names.push(this.#writeOperation(operation, `op_${index}`)),
    );
    const updates = [...this.#parts.updates].map(([name, ref]) => this.#writeUpdate(name, this.#nameOf(ref)));
    const done = this.#graph.node('done', 'NoOp', updates, {});
    this.#parts.outputs.forEach(({ value }, index) =>
      this.#graph.node(nodeNames.output(index), 'Identity', [this.#nameOf(value), `^${done}`], {
        T: this.#float,
      }),
    );
    this.#graph.node(nodeNames.finished, 'Identity', [none, `^${done}`], { T: this.#int });
    return this.#graph.savedModel('pipe');
  }

  #nameOf(ref: ValueRef): string {
    const { operation, output } = this.#firstOf(ref);
    const name = this.#names[operation]?.[output];
    if (name === undefined) throw new Error(`operation ${operation} is used before it is recorded`);
    return name;
  }

  #writeState(shape: readonly number[], index: number, none: string): void {
    const graph = this.#graph;
    const attributes = { dtype: this.#float, shape: { shape } };
    const handle = graph.node(`state_${index}`, 'VarHandleOp', [], {
      ...attributes,
      shared_name: { string: `state_${index}` },
      container: { string: '' },
    });
    graph.node(nodeNames.write(index), 'Placeholder', [], attributes);
    graph.node(`assign_${index}`, 'AssignVariableOp', [handle, nodeNames.write(index)], {
      dtype: this.#float,
    });
    graph.node(nodeNames.written(index), 'Identity', [none, `^assign_${index}`], { T: this.#int });
    graph.node(nodeNames.read(index), 'ReadVariableOp', [handle], { dtype: this.#float });
  }

  /** Adds an operation; returns the names of its outputs. */
  #writeOperation(operation: RecordedOperation, node: string): string[] {
    const graph = this.#graph;
    switch (operation.type) {
      case 'source':
        return [this.#writeSource(operation.name, node)];
      case 'constant':
        return [emitConstant(graph, node, operation)];
      case 'execute':
        return emitExecute(graph, node, operation, ref => this.#nameOf(ref));
      case 'adam':
        return emitAdam(
          graph,
          node,
          operation.inputs.map(ref => this.#nameOf(ref)),
          this.#tracking,
        );
      default:
        unreachable(operation);
    }
  }

  /** An input is its placeholder; a state entry is a read of its variable, ordered before the updates. */
  #writeSource(source: string, node: string): string {
    const [kind, name] = [source.slice(0, source.indexOf(' ')), source.slice(source.indexOf(' ') + 1)];
    if (kind === 'input') return nodeNames.input(this.#parts.inputs.findIndex(input => input.name === name));
    const handle = this.#tracking.handles.get(name);
    if (handle === undefined) throw new Error(`unknown source ${source}`);
    this.#graph.node(node, 'ReadVariableOp', [handle], { dtype: this.#float });
    this.#tracking.holders.set(node, name);
    this.#tracking.lastWrite.set(name, node);
    return node;
  }

  /** Adds an update; returns the control input that waits for it. */
  #writeUpdate(name: string, value: string): string {
    const { handles, holders, lastWrite } = this.#tracking;
    const after = `^${lastWrite.get(name) ?? ''}`;
    if (holders.get(value) === name) return after;
    const handle = handles.get(name);
    if (handle === undefined) throw new Error(`unknown state ${name}`);
    return `^${this.#graph.node(`update_${handle}`, 'AssignVariableOp', [handle, value, after], { dtype: this.#float })}`;
  }
}
