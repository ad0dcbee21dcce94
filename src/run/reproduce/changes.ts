/** Differences of the conditions since an experiment ran. */
import type { Environment, ExperimentRecord } from '../../core/experiment.ts';
import type { Origin } from '../../core/origin.ts';
import { counted } from '../../core/format.ts';
import { mattersAlways } from '../../host/variables.ts';
import type { Change } from './report.ts';

/** Characters of a hash that identify it in practice. */
const SHORT = 12;

export const shortHash = (hash: string): string => hash.slice(0, SHORT);

/** Null for none; undefined for unknown. */
type Text = string | null | undefined;

/** A change, if both sides are known and differ. */
export const changed = (what: string, then: Text, now: Text): readonly Change[] =>
  then === undefined || now === undefined || then === now ? [] : [{ what, then, now }];

/**
 * Changes of commit, working tree, lockfile, versions, machine and variables.
 * @param tensorflow The one that stages would get, if known.
 */
export function conditionsSince(
  { git, source, environment }: Origin,
  now: Origin,
  tensorflow: Environment['tensorflow'] | undefined,
): readonly Change[] {
  return [
    ...changed('commit', git && shortHash(git.commit), now.git && shortHash(now.git.commit)),
    ...changed('uncommitted changes', changesOf(git), changesOf(now.git)),
    ...(source === undefined ? [] : changed('lockfile', lockfileOf(source), lockfileOf(now.source))),
    ...softwareSince(environment, now.environment),
    // Compared only where a stage loaded it.
    ...changed('TensorFlow', tensorFlowOf(environment.tensorflow), tensorFlowOf(tensorflow)),
    ...machineSince(environment, now.environment),
  ];
}

function changesOf(git: ExperimentRecord['git']): Text {
  if (git?.dirty !== true) return null;
  const { changedFiles, patch } = git;
  // Older records lack the number of changed files.
  if (changedFiles === undefined) return undefined;
  const files = counted(changedFiles, 'file');
  return patch === undefined ? files : `${files} (${shortHash(patch.sha256)})`;
}

const lockfileOf = (source: ExperimentRecord['source']): Text =>
  source?.lockfile === undefined ? null : `${source.lockfile.path} ${shortHash(source.lockfile.sha256)}`;

/** Undefined for none: no stage of the experiment needed it. */
const tensorFlowOf = (tensorflow: Environment['tensorflow'] | undefined): Text =>
  tensorflow ? `${tensorflow.version} ${tensorflow.kind}` : undefined;

function softwareSince(then: Environment, now: Environment): readonly Change[] {
  return [
    ...changed('pipe', pipeOf(then), then.pipe === undefined ? now.packages['pipe'] : pipeOf(now)),
    ...changed('Node', then.node, now.node),
    ...entriesSince(then.packages, now.packages, name => name).filter(({ what }) => what !== 'pipe'),
    ...(then.variables === undefined ? [] : variablesSince(then.variables, now.variables ?? {})),
  ];
}

/** Variables that may change results; values of others that the pipeline read are in resolved.yaml. */
function variablesSince(
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly Change[] {
  const ofFamilies = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(variables).filter(([name]) => mattersAlways(name)));
  return entriesSince(ofFamilies(then), ofFamilies(now), name => `$${name}`);
}

function pipeOf({ pipe, packages }: Environment): Text {
  if (pipe === undefined) return packages['pipe'];
  const commit = pipe.commit === null ? '' : ` ${shortHash(pipe.commit)}`;
  return `${pipe.version}${commit}${pipe.dirty ? ' with changes' : ''}`;
}

function machineSince(then: Environment, now: Environment): readonly Change[] {
  const gpus = ({ gpus: names }: Environment) => names.join(', ') || null;
  return [
    ...changed('system', then.os, now.os),
    ...changed('CPU', then.cpu.model, now.cpu.model),
    ...changed('CPU cores', String(then.cpu.cores), String(now.cpu.cores)),
    ...changed('threads', threadsOf(then), threadsOf(now)),
    ...changed('GPU', gpus(then), gpus(now)),
  ];
}

/** Null where they equal the cores, or an older record lacks them. */
function threadsOf({ cpu: { cores, threads = cores } }: Environment): string | null {
  return threads === cores ? null : String(threads);
}

function entriesSince(
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
  named: (name: string) => string,
): readonly Change[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  return names.flatMap(name => changed(named(name), then[name] ?? null, now[name] ?? null));
}
