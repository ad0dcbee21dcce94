import { Failure } from '../core/failure.ts';
import type { SavedModelDefinition, StateValues, StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import { forAnyBatch, type BatchRecording } from './any-batch.ts';
import { SavedModelWriter, type SavedModelParts } from './saved-model-writer.ts';
import { plainOps } from './plain-ops.ts';
import { recordStep, type RecordingBackend } from './record-step.ts';

/** Batch sizes at which a function is recorded: two tell a linear function of the size, the third tells it from others. */
const SIZES = [3, 5, 8] as const;

/** Bytes that a protocol buffer can have, less those for the graph beside its weights. */
const LARGEST_WEIGHTS = 2 ** 31 - 2 ** 26;

/** `TensorFlow.savedModel` on the native backend. */
export function recordSavedModel(
  backend: RecordingBackend,
  tensorflow: TensorFlow,
  definition: SavedModelDefinition,
): (weights: StateValues) => Uint8Array {
  checkSize(definition);
  const plain = { ...tensorflow, ops: plainOps(tensorflow.tf) };
  const recordings = SIZES.map(size => record(backend, plain, definition, size));
  const [{ outputs }] = recordings as [Recording];
  const { binding } = backend.backend;
  const operations = forAnyBatch(binding, definition.name, recordings as [Recording, Recording, Recording]);
  const parts: SavedModelParts = { definition, operations, outputs };
  return weights => new SavedModelWriter(binding, parts, weights).write();
}

type Recording = BatchRecording & Pick<SavedModelParts, 'outputs'>;

/** Records the function at one batch size. The values of inputs and weights play no part. */
function record(
  backend: RecordingBackend,
  tensorflow: TensorFlow,
  definition: SavedModelDefinition,
  batch: number,
): Recording {
  const shapes: Record<string, readonly number[]> = {};
  const step: StepDefinition = {
    name: definition.name,
    state: Object.fromEntries(
      Object.entries(definition.weights).map(([name, shape]) => [name, { shape, values: zeros(shape) }]),
    ),
    run: (inputs, weights) => {
      const outputs = definition.run(tensorflow, inputs, weights);
      for (const [name, { shape }] of Object.entries(outputs)) shapes[name] = shape.slice(1);
      return { outputs, updates: {} };
    },
  };
  const inputs = Object.fromEntries(
    Object.entries(definition.inputs).map(([name, { shape, dtype }]) => {
      const sized = [batch, ...shape];
      return [
        name,
        { shape: sized, values: dtype === 'int32' ? Int32Array.from(zeros(sized)) : zeros(sized) },
      ];
    }),
  );
  const values = Object.fromEntries(Object.entries(step.state).map(([name, entry]) => [name, entry.values]));
  const { parts } = recordStep(backend, step, inputs, values);
  const outputs = parts.outputs.map(output => ({ ...output, shape: shapes[output.name] ?? [] }));
  return { batch, operations: parts.operations, outputs };
}

const zeros = (shape: readonly number[]): Float32Array => new Float32Array(count(shape));

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function checkSize({ name, weights }: SavedModelDefinition): void {
  const bytes = 4 * Object.values(weights).reduce((sum, shape) => sum + count(shape), 0);
  if (bytes <= LARGEST_WEIGHTS) return;
  throw new Failure({
    code: 'saved-model-size',
    message: `The weights of the ${name} take ${(bytes / 1e9).toFixed(1)} GB, and a SavedModel holds at most 2 GB.`,
  });
}

/** `TensorFlow.savedModel` on the JavaScript backend. */
export function refuseSavedModel({ name }: SavedModelDefinition): never {
  throw new Failure({
    code: 'saved-model-backend',
    message: `The ${name} cannot be saved as a SavedModel: that takes TensorFlow’s native library, and this is TensorFlow.js’s JavaScript backend.`,
    hint: 'pipe setup',
  });
}
