/** Inputs and outputs of a stage with its parameters, which may leave some out. */
import type { PipelineStage } from '../config/pipeline.ts';
import { describeValue } from '../config/problems.ts';
import { valueAt } from '../config/value-at.ts';
import type { Problem } from '../core/failure.ts';
import { portsOf, type CompletePort, type CompletePorts, type Ports } from '../core/ports.ts';
import type { OmittedPort } from '../core/stage.ts';

/** The inputs that a stage takes from its pipeline with its parameters. */
export const inputPorts = ({ stage, omitted = [], borrowed = [] }: PipelineStage): CompletePorts =>
  without(
    portsOf(stage.inputs as Ports),
    [...omitted, ...borrowed].map(({ input }) => input),
  );

/** The outputs that a stage makes with its parameters. */
export const outputPorts = ({ stage, omitted = [] }: PipelineStage): CompletePorts =>
  without(
    portsOf(stage.outputs as Ports),
    omitted.map(({ output }) => output),
  );

const without = (ports: CompletePorts, names: readonly (string | undefined)[]): CompletePorts =>
  Object.fromEntries(Object.entries(ports).filter(([name]) => !names.includes(name)));

/** The omission of an output of a kind. */
export const omittedOutput = (
  { stage, omitted = [] }: PipelineStage,
  name: string,
  { kind }: CompletePort,
): OmittedPort | undefined =>
  portsOf(stage.outputs as Ports)[name]?.kind === kind
    ? omitted.find(({ output }) => output === name)
    : undefined;

/** `its test is "none"` */
export const reasonOf = ({ params }: PipelineStage, { because }: Pick<OmittedPort, 'because'>): string =>
  `its ${because.join('.')} is ${describeValue(valueAt(params, because))}`;

/** Problems for inputs that the pipeline names and that parameters leave out, or take from elsewhere. */
export function uselessInputs(stage: PipelineStage): readonly Problem[] {
  return [...(stage.omitted ?? []), ...(stage.borrowed ?? [])].flatMap(omission => {
    const { input = '' } = omission;
    const found = stage.inputs[input];
    return found === undefined
      ? []
      : {
          code: 'omitted-input',
          message: `input "${input}" of stage "${stage.id}" has no effect: ${reasonOf(stage, omission)}`,
          location: stage.inputLocations[input] ?? stage.location,
          found,
          hint: 'leave one of them out',
        };
  });
}
