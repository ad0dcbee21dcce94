/** Inputs and outputs of a stage with its parameters, which leave outputs out and take inputs from elsewhere. */
import type { PipelineStage } from '../config/pipeline.ts';
import { describeValue } from '../config/problems.ts';
import { valueAt } from '../config/value-at.ts';
import type { Problem } from '../core/failure.ts';
import { portsOf, type CompletePort, type CompletePorts, type Ports } from '../core/ports.ts';
import type { OmittedOutput } from '../core/stage.ts';

/** The inputs that a stage takes from its pipeline. */
export const inputPorts = ({ stage, borrowed = [] }: PipelineStage): CompletePorts =>
  without(
    portsOf(stage.inputs as Ports),
    borrowed.map(({ input }) => input),
  );

/** The outputs that a stage makes. */
export const outputPorts = ({ stage, omitted = [] }: PipelineStage): CompletePorts =>
  without(
    portsOf(stage.outputs as Ports),
    omitted.map(({ output }) => output),
  );

const without = (ports: CompletePorts, names: readonly string[]): CompletePorts =>
  Object.fromEntries(Object.entries(ports).filter(([name]) => !names.includes(name)));

/** The omission of an output of a kind. */
export const omittedOutput = (
  { stage, omitted = [] }: PipelineStage,
  name: string,
  { kind }: CompletePort,
): OmittedOutput | undefined =>
  portsOf(stage.outputs as Ports)[name]?.kind === kind
    ? omitted.find(({ output }) => output === name)
    : undefined;

/** `its test is "none"` */
export const reasonOf = ({ params }: PipelineStage, { because }: Pick<OmittedOutput, 'because'>): string =>
  `its ${because.join('.')} is ${describeValue(valueAt(params, because))}`;

/** Problems for inputs that the pipeline names and that come from earlier experiments. */
export function uselessInputs(stage: PipelineStage): readonly Problem[] {
  return (stage.borrowed ?? []).flatMap(borrowed => {
    const { input } = borrowed;
    const found = stage.inputs[input];
    return found === undefined
      ? []
      : {
          code: 'useless-input',
          message: `input "${input}" of stage "${stage.id}" has no effect: ${reasonOf(stage, borrowed)}`,
          location: stage.inputLocations[input] ?? stage.location,
          found,
          hint: 'leave one of them out',
        };
  });
}
