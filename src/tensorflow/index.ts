import type { CompileOptions, StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import type { NativeBackend } from './binding.ts';
import { CheckedStep } from './check-step.ts';
import { FrozenSession, refuseGraph } from './frozen-session.ts';
import { GraphStep } from './graph-step.ts';
import { EagerStep } from './eager-step.ts';
import { nativeFloat64 } from './float64.ts';
import { loadNativeOrJavaScript, type LoadOptions } from './load.ts';
import { registerMissingGradients } from './missing-gradients.ts';
import { nativeOps } from './native-ops.ts';
import { plainFloat64 } from './plain-float64.ts';
import { plainOps } from './plain-ops.ts';
import { QueuedStep, type StepRunner } from './queued-step.ts';
import type { RecordingBackend } from './record-step.ts';
import { recordSavedModel, refuseSavedModel } from './saved-model.ts';

/** TensorFlow with a notice for the user about the backend that was found. */
export interface LoadedBackend extends TensorFlow {
  readonly notice?: string;
}

/** Loads TensorFlow (native where it is set up, pure JavaScript otherwise) with the fused operations and the compiled step. */
export async function loadTensorFlow(options: LoadOptions = {}): Promise<LoadedBackend> {
  const { tf, kind, version, kernels, notice } = await loadNativeOrJavaScript(options);
  registerMissingGradients(tf);
  const base = { tf, kind, version, ...(notice === undefined ? {} : { notice }) };
  if (kind === 'javascript')
    return {
      ...base,
      ops: plainOps(tf),
      compile: definition => new QueuedStep(definition, new EagerStep(tf, definition)),
      savedModel: refuseSavedModel,
      float64: run => run(plainFloat64),
      openGraph: refuseGraph,
    };
  const backend = tf.backend() as unknown as NativeBackend;
  const slot: RecordingBackend['slot'] = { current: undefined };
  const runner = (definition: StepDefinition, { eager, check }: CompileOptions): StepRunner => {
    if (eager === true) return new EagerStep(tf, definition);
    const compiled = new GraphStep({ tf, backend, slot }, definition);
    return check === true ? new CheckedStep(definition, compiled, new EagerStep(tf, definition)) : compiled;
  };
  const tensorflow: LoadedBackend = {
    ...base,
    ops: nativeOps(tf, backend, slot, kernels),
    compile: (definition, options = {}) => new QueuedStep(definition, runner(definition, options)),
    float64: run => nativeFloat64(backend.binding, run),
    savedModel: definition => recordSavedModel({ tf, backend, slot }, tensorflow, definition),
    openGraph: graphDef => new FrozenSession(backend.binding, graphDef),
  };
  return tensorflow;
}
