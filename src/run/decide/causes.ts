import { relative } from 'node:path';
import type { StageRecord } from '../../core/experiment.ts';
import { isSecretVariable } from '../../core/redact.ts';
import { mattersAlways } from '../../host/variables.ts';
import type { Earlier } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';
import type { ReadData } from '../fingerprint/fingerprints.ts';
import { changedVariables } from '../fingerprint/stage-variables.ts';

/**
 * Differences in what a stage depends on, other than code and parameters, since it began, as messages: data by path, variables,
 * packages. Empty where no difference is known.
 */
export function causesOf(id: string, earlier: Earlier, cwd: string): readonly string[] {
  const then = stageRecord(earlier, id);
  if (then === undefined) return [];
  return [
    ...dataCauses(then.data ?? [], earlier.fingerprint(id)?.data, cwd),
    ...variableCauses(id, then, earlier),
    ...packageCauses(id, earlier),
  ];
}

type Data = NonNullable<StageRecord['data']>;

/** @param now Undefined where the data cannot be read. */
function dataCauses(then: Data, now: readonly ReadData[] | undefined, cwd: string): string[] {
  const shown = (path: string) => {
    const short = relative(cwd, path);
    return short !== '' && short.length < path.length ? short : path;
  };
  const digests = new Map(now?.map(({ path, digest }) => [path, digest]));
  const before = new Set(then.map(({ path }) => path));
  return [
    ...then.flatMap(({ path, digest }) => {
      const fresh = digests.get(path);
      if (fresh === digest) return [];
      if (fresh !== undefined) return [`${shown(path)} has other content`];
      return [`${shown(path)} was read, and ${now === undefined ? 'cannot be read' : 'is not read'} now`];
    }),
    ...(now ?? []).flatMap(({ path }) =>
      before.has(path) || then.length === 0 ? [] : [`${shown(path)} would be read now`],
    ),
  ];
}

/** Variables that the stage read, and those that its data is located by. */
function variableCauses(id: string, { variables }: StageRecord, earlier: Earlier): string[] {
  const { env, record } = earlier;
  const changed = changedVariables(variables, env).map(name => `the variable ${name} has another value`);
  const recorded = record.environment.variables ?? {};
  const moved = (earlier.fingerprint(id)?.covered ?? []).filter(name => recorded[name] !== env[name]);
  // The previous value of an unrecorded variable is unknown; only its absence now is worth a note.
  const known = moved.filter(name => mattersAlways(name) || recorded[name] !== undefined);
  const unset = moved.filter(name => !known.includes(name) && env[name] === undefined);
  return [
    ...changed,
    ...known.flatMap(name => describeVariable(name, recorded[name], env[name])),
    ...unset.map(name => `${name} is not set now`),
  ];
}

function describeVariable(name: string, then: string | undefined, now: string | undefined): string[] {
  if (now !== undefined && isSecretVariable(name, now)) return [];
  const words = now === undefined ? 'is not set' : `is ${now}`;
  return [`${name} was ${then ?? 'not set'}, and ${words} now`];
}

function packageCauses(id: string, earlier: Earlier): string[] {
  const { packages: then, node } = earlier.record.environment;
  const now = earlier.fingerprint(id)?.parts.packages ?? {};
  const versions = Object.entries(now).flatMap(([name, version]) => {
    const before = then[name];
    return before === undefined || before === version ? [] : [`${name} ${before} → ${version}`];
  });
  return node === process.version ? versions : [...versions, `Node ${node} → ${process.version}`];
}
