import { ARTIFACT_KINDS } from '../core/artifacts.ts';
import type { Problem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import { oneOf } from './problems.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What is wrong with the default export of a user's stage file, if anything.
 * @param expectedName The file's name without extension.
 * @param file As shown in messages.
 */
export function stageProblem(exported: unknown, expectedName: string, file: string): Problem | undefined {
  if (!isFields(exported) || typeof exported['run'] !== 'function')
    return {
      code: 'not-a-stage',
      message: `stage file ${file} exports no stage`,
      expected: 'export default defineStage({ name, version, summary, params, inputs, outputs, run })',
      found: exported === undefined ? 'no default export' : 'a default export of another kind',
    };
  const fault = [
    ...fieldFaults(exported, expectedName),
    ...portFaults(exported['inputs'], 'input'),
    ...portFaults(exported['outputs'], 'output'),
  ][0];
  return fault && { code: 'not-a-stage', ...fault, message: `stage file ${file}: ${fault.message}` };
}

type Fault = Omit<Problem, 'code' | 'location'>;

function fieldFaults(stage: Fields, expectedName: string): readonly Fault[] {
  const { name, version, summary, params, inputs, outputs, unrepeatable = [] } = stage;
  const faults: Fault[] = [];
  if (name !== expectedName)
    faults.push({
      message: 'the stage’s name must be the file’s',
      expected: `name: '${expectedName}'`,
      found: `name: '${String(name)}'`,
    });
  if (!Number.isInteger(version)) faults.push({ message: 'version must be an integer' });
  if (typeof summary !== 'string') faults.push({ message: 'summary must be a line of text' });
  if (!isFields(params) || params['type'] !== 'object')
    faults.push({ message: 'params must be a Type.Object({ … })' });
  if (!isFields(inputs)) faults.push({ message: 'inputs must be a record of ports' });
  if (!isFields(outputs)) faults.push({ message: 'outputs must be a record of ports' });
  if (!Array.isArray(unrepeatable) || !unrepeatable.every(path => typeof path === 'string'))
    faults.push({ message: 'unrepeatable must be a list of paths' });
  return faults;
}

function portFaults(ports: unknown, noun: string): readonly Fault[] {
  return Object.entries(isFields(ports) ? ports : {}).flatMap(([name, port]) => {
    const kind = isFields(port) ? String(port['kind']) : '';
    if (ARTIFACT_KINDS.some(known => known === kind)) return [];
    const suggestion = nearest(kind, ARTIFACT_KINDS);
    return [
      {
        message: `${noun} "${name}" has an unknown kind "${kind}"`,
        expected: oneOf(ARTIFACT_KINDS),
        ...(suggestion !== undefined && { suggestion }),
      },
    ];
  });
}
