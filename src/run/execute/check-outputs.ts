import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { isWithin, namedFiles } from '../../core/artifacts/named-files.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { NotPlain, plainCopy } from '../../core/plain-json.ts';
import type { CompletePort } from '../../core/ports.ts';
import { isPlainObject, shown } from '../../core/shown.ts';
import { thrownMessage } from '../../core/thrown.ts';
import { outputPorts, reasonOf } from '../../plan/omitted.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { isInside } from '../../storage/inside.ts';
import { outputsFaults } from './outputs-faults.ts';

type Outputs = Readonly<Record<string, Artifact>>;

/** The fault of one output, or undefined. */
function outputFault(name: string, port: CompletePort, value: unknown): string | undefined {
  if (value === undefined || value === null) return `output "${name}" (${port.kind}) is missing`;
  if (typeof value !== 'object') return `output "${name}" is ${typeof value}, not an artifact`;
  const { kind, dir } = value as { readonly kind?: unknown; readonly dir?: unknown };
  if (kind !== port.kind)
    return `output "${name}" should be of kind ${port.kind}, but is ${JSON.stringify(kind) ?? 'without one'}`;
  if (typeof dir !== 'string' || !isAbsolute(dir))
    return `output "${name}" should have an absolute "dir", but it is ${JSON.stringify(dir) ?? 'missing'}`;
  const outside = namedFiles(port.definition, value).find(
    ({ path }) => typeof path === 'string' && !isWithin(path),
  );
  if (outside !== undefined)
    return `output "${name}" names ${JSON.stringify(outside.path)}, which is no path inside its "dir"`;
  return undefined;
}

function namesOf(given: unknown, faults: string[]): readonly string[] {
  if (given === undefined || given === null) return [];
  try {
    if (isPlainObject(given)) return Object.keys(given);
    faults.push(`run returned ${shown(given)}; expected an object of outputs by name`);
  } catch (error) {
    faults.push(`what run returned cannot be read: ${thrownMessage(error)}`);
  }
  return [];
}

/** A copy of an output as the record holds it, so that the next stage gets the same from a run as from the cache. */
function copyOf(given: object, name: string, faults: string[]): unknown {
  try {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    return value === undefined ? value : plainCopy(value, `output ${name}`);
  } catch (error) {
    faults.push(
      error instanceof NotPlain ? error.message : `output ${name} cannot be read: ${thrownMessage(error)}`,
    );
    return undefined;
  }
}

/** The fault of an output that is not declared, or left out; undefined may stand for the latter. */
function unexpected(stage: PlannedStage, name: string, given: object): readonly string[] {
  const omission = stage.omitted?.find(({ output }) => output === name);
  if (omission === undefined) return [`output "${name}" is not declared`];
  return given[name as keyof object] === undefined
    ? []
    : [`output "${name}" is there, and the stage's omits leaves it out: ${reasonOf(stage, omission)}`];
}

/** Folders that artifacts may lie in, the output folder included. Absolute. */
export type Folders = readonly string[];

/**
 * Checks that a stage returned its declared outputs but those that its parameters leave out: each of its kind and consistent with
 * its files, and no others.
 * @param folders Where outputs may lie.
 * @throws Failure that lists each fault.
 */
export async function checkOutputs(stage: PlannedStage, given: unknown, folders: Folders): Promise<Outputs> {
  const ports = outputPorts(stage);
  const faults: string[] = [];
  const outputs: Record<string, unknown> = {};
  for (const name of namesOf(given, faults)) {
    if (!Object.hasOwn(ports, name)) faults.push(...unexpected(stage, name, given as object));
    else outputs[name] = copyOf(given as object, name, faults);
  }
  if (faults.length === 0)
    faults.push(
      ...Object.entries(ports).flatMap(([name, port]) => outputFault(name, port, outputs[name]) ?? []),
    );
  const present = Object.fromEntries(
    Object.entries(outputs).filter(([, value]) => value !== undefined && value !== null),
  ) as Outputs;
  if (faults.length === 0)
    for (const [name, { dir }] of Object.entries(present))
      if (!folders.some(folder => isInside(folder, dir)))
        faults.push(
          `output "${name}": dir is ${dir}, outside of the experiments; expected the output folder, or that of an input`,
        );
  if (faults.length === 0) faults.push(...(await outputsFaults(ports, present, { areNew: true })));
  if (faults.length > 0) throw wrongOutputs(stage.id, faults);
  return present;
}

/** @throws Failure where a stage has removed its output folder: later errors would hide this. */
export function checkOutputFolder(stage: string, dir: string): void {
  if (existsSync(dir)) return;
  throw new Failure({
    code: 'output-folder-gone',
    message: `stage "${stage}" has removed its output folder: ${printable(dir)}`,
    hint: 'a stage may remove what it wrote, and leaves the folder itself in place',
  });
}

const wrongOutputs = (stage: string, faults: readonly string[]) =>
  new Failure({
    code: 'wrong-outputs',
    message: `stage "${stage}" did not give the outputs that it declares`,
    details: faults,
    hint: `fix what the stage's run function returns, or its declared outputs`,
  });
