import type { PipelineStage } from '../config/pipeline.ts';
import { oneOf } from '../config/problems.ts';
import { isId } from '../config/stage-reference.ts';
import type { Problem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import { portsOf, type CompletePort, type CompletePorts, type Ports } from '../core/ports.ts';
import type { AnyStage } from '../core/stage.ts';
import { inputPorts, omittedOutput, outputPorts, reasonOf, uselessInputs } from './omitted.ts';
import type { Binding } from './plan.ts';

export type Bindings = Readonly<Record<string, Binding>>;

/**
 * Finds the source of every input of one stage. An explicit input may name any stage; another gets the latest earlier output of
 * its kind, or, for an input by name, the latest of its kind and name.
 *
 *     data ──dataset──▶ normalize ──dataset──▶ train        (not data's: normalize comes later)
 *
 * @param known Stages to suggest as the source of a missing input.
 */
export function bindInputs(
  stage: PipelineStage,
  stages: readonly PipelineStage[],
  known: readonly AnyStage[],
  report: (problem: Problem) => void,
): Bindings {
  const bindings: Record<string, Binding> = {};
  for (const problem of uselessInputs(stage)) report(problem);
  for (const [name, port] of Object.entries(inputPorts(stage))) {
    const explicit = stage.inputs[name];
    const found =
      explicit === undefined
        ? latestOf(port, name, stage, stages)
        : resolveReference(explicit, name, port, stage, stages);
    if (isBinding(found)) bindings[name] = found;
    else if (found !== undefined) report(found);
    else if (!port.optional) report(missingInput(name, port, stage, stages, known));
  }
  return bindings;
}

const isBinding = (found: Binding | Problem | undefined): found is Binding =>
  found !== undefined && 'output' in found;

/** The stage's output of a kind: of several, the one named like the input. */
function outputOfKind(stage: PipelineStage, { kind }: CompletePort, name: string): string | undefined {
  const names = Object.entries(outputPorts(stage))
    .filter(([, output]) => output.kind === kind)
    .map(([output]) => output);
  return names.includes(name) ? name : names[0];
}

/** The stage's output for an input that names none. */
function outputFor(stage: PipelineStage, port: CompletePort, name: string): string | undefined {
  const output = outputOfKind(stage, port, name);
  return port.byName && output !== name ? undefined : output;
}

function latestOf(
  port: CompletePort,
  name: string,
  stage: PipelineStage,
  stages: readonly PipelineStage[],
): Binding | undefined {
  for (const earlier of stages.slice(0, stages.indexOf(stage)).reverse()) {
    const output = outputFor(earlier, port, name);
    if (output !== undefined) return { stage: earlier.id, output };
  }
  return undefined;
}

/** Resolves `<stage id>` or `<stage id>.<output>`. */
function resolveReference(
  reference: string,
  name: string,
  port: CompletePort,
  stage: PipelineStage,
  stages: readonly PipelineStage[],
): Binding | Problem {
  const location = stage.inputLocations[name] ?? stage.location;
  const input = `input "${name}" of stage "${stage.id}"`;
  const problem = (code: string, message: string, expected: string, suggestion?: string): Problem => ({
    code,
    message: `${input} ${message}`,
    location,
    expected,
    found: reference,
    ...(suggestion !== undefined && { suggestion }),
  });
  const [id = '', ...rest] = reference.split('.');
  const output = rest.length === 0 ? undefined : rest.join('.');
  const source = stages.find(other => other.id === id);
  if (source === undefined) {
    const ids = stages.filter(other => other !== stage).map(other => other.id);
    if (!isId(id))
      return problem('no-reference', 'names no output of a stage', '<stage id> or <stage id>.<output>');
    const expected = ids.length === 0 ? 'another stage, and there is none' : oneOf(ids);
    return problem('unknown-stage-id', `names an unknown stage "${id}"`, expected, nearest(id, ids));
  }
  const outputs = outputPorts(source);
  const names = Object.keys(outputs);
  const omission = omittedOutput(source, output ?? name, port);
  if (omission !== undefined)
    return {
      ...problem(
        'omitted-output',
        `names an output that stage "${id}" does not make: ${reasonOf(source, omission)}`,
        names.length === 0 ? 'a stage that has outputs' : oneOf(names),
      ),
      hint: `change ${id}.${omission.because.join('.')}, or take another output`,
    };
  if (output === undefined) {
    const found = outputOfKind(source, port, name);
    if (found !== undefined) return { stage: id, output: found };
    return problem(
      'wrong-kind',
      `needs ${withArticle(port.kind)}, and stage "${id}" makes ${kindsOf(outputs)}`,
      `a stage that makes ${withArticle(port.kind)}`,
    );
  }
  const kind = outputs[output]?.kind;
  if (kind === undefined)
    return problem(
      'unknown-output',
      `names an unknown output "${output}" of stage "${id}"`,
      names.length === 0 ? 'a stage that has outputs' : oneOf(names),
      withStage(id, nearest(output, names)),
    );
  if (kind !== port.kind)
    return problem(
      'wrong-kind',
      `needs ${withArticle(port.kind)}, and "${reference}" is ${withArticle(kind)}`,
      `an output that is ${withArticle(port.kind)}`,
    );
  return { stage: id, output };
}

const withStage = (id: string, output: string | undefined): string | undefined => output && `${id}.${output}`;

const PLURALS: ReadonlySet<string> = new Set(['frames', 'images', 'files']);

function withArticle(kind: string): string {
  if (PLURALS.has(kind)) return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function kindsOf(outputs: CompletePorts): string {
  const kinds = Object.values(outputs).map(({ kind }) => kind);
  return kinds.length === 0 ? 'nothing' : kinds.map(withArticle).join(' and ');
}

function missingInput(
  name: string,
  port: CompletePort,
  stage: PipelineStage,
  stages: readonly PipelineStage[],
  known: readonly AnyStage[],
): Problem {
  return {
    code: 'missing-input',
    message: `stage "${stage.id}" needs ${withArticle(port.kind)} as its input "${name}", which no stage before it makes`,
    location: stage.location,
    hint: sourceHint(name, port, stage, stages, known),
  };
}

function sourceHint(
  name: string,
  port: CompletePort,
  stage: PipelineStage,
  stages: readonly PipelineStage[],
  known: readonly AnyStage[],
): string {
  const others = stages.filter(other => other !== stage);
  const later = others.find(other => outputFor(other, port, name) !== undefined);
  if (later !== undefined)
    return `stage "${later.id}" makes that but comes later: move it before "${stage.id}"`;
  for (const other of others) {
    const omission = omittedOutput(other, name, port);
    if (omission !== undefined)
      return `stage "${other.id}" makes it with another ${other.id}.${omission.because.join('.')}: ${reasonOf(other, omission)}`;
  }
  const makers = known.filter(({ outputs }) =>
    Object.values(portsOf(outputs as Ports)).some(({ kind }) => kind === port.kind),
  );
  if (makers.length > 0)
    return `add a stage that makes it before: ${makers.map(maker => maker.name).join(' or ')}`;
  return `add a stage with an output of kind ${port.kind} before it`;
}
