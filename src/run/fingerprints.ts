import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StageCache } from '../cache/cache.ts';
import { fingerprintOf, type FingerprintParts } from '../cache/fingerprint.ts';
import { branchesOf, type Schema } from '../config/json-schema.ts';
import { Failure } from '../core/failure.ts';
import type { AnyStage, ContentContext } from '../core/stage.ts';
import { packageVersions } from '../host/environment.ts';
import { packageRoot } from '../host/paths.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import { stageCode } from './stage-code.ts';

/** Packages whose versions can change results; the rest of what pipe uses is bundled, and so in the hash of its code. */
const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu', 'sharp'];

export interface StageFingerprint {
  readonly fingerprint: string;
  readonly parts: FingerprintParts;
}

/** Where a plan's stages look for what they read. */
export interface Around {
  readonly cwd: string;
  readonly home: string;
  readonly env: ContentContext['env'];
}

/** By stage id. A stage is left out when its data cannot be read, or when it follows such a stage: it says why itself. */
export async function fingerprintStages(
  { stages, pipeline }: Plan,
  cache: Pick<StageCache, 'digest'>,
  around: Around,
): Promise<ReadonlyMap<string, StageFingerprint>> {
  const packages = packageVersions(packageRoot, PACKAGES);
  const known = new Map<string, StageFingerprint>();
  for (const planned of stages) {
    const inputs = inputsOf(planned, known);
    if (inputs === undefined) continue;
    const { id, params, stage, stageSeed } = planned;
    const digest = (path: string) => cache.digest(path);
    const content = await contentOf(planned, { ...around, id, pipelineDir: pipeline.dir, digest });
    if (content === undefined) continue;
    const parts: FingerprintParts = {
      id,
      stage: stage.name,
      version: stage.version,
      code: await stageCode(planned),
      params,
      seed: stageSeed,
      content,
      packages,
      inputs,
    };
    known.set(id, { fingerprint: fingerprintOf(parts), parts });
  }
  return known;
}

function inputsOf(
  { bindings }: PlannedStage,
  known: ReadonlyMap<string, StageFingerprint>,
): FingerprintParts['inputs'] | undefined {
  const inputs: Record<string, FingerprintParts['inputs'][string]> = {};
  for (const [input, { stage, output }] of Object.entries(bindings)) {
    const source = known.get(stage);
    if (source === undefined) return undefined;
    inputs[input] = { from: `${stage}.${output}`, fingerprint: source.fingerprint };
  }
  return inputs;
}

/** Undefined where something cannot be read. */
async function contentOf(
  { stage, params }: PlannedStage,
  context: ContentContext,
): Promise<readonly string[] | undefined> {
  try {
    if (stage.contentKey !== undefined) return [await stage.contentKey(params, context)];
    const paths = pathsOf(stage, params, context);
    return await Promise.all(paths.map(path => context.digest(path)));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The files and folders that parameters with the annotation `path: true` name. */
function pathsOf(
  stage: AnyStage,
  params: PlannedStage['params'],
  { cwd, pipelineDir }: ContentContext,
): readonly string[] {
  const { properties = {} } = stage.params as Schema;
  return Object.entries(properties).flatMap(([name, schema]) => {
    const value = params[name];
    if (typeof value !== 'string' || !branchesOf(schema).some(({ path }) => path === true)) return [];
    const candidates = [resolve(cwd, value), resolve(pipelineDir, value)];
    return candidates.find(existsSync) ?? [];
  });
}

/** True for a stage that runs every time. */
export function isUncached({ stage, params }: PlannedStage): boolean {
  const { uncached = false } = stage;
  return typeof uncached === 'function' ? Boolean(uncached(params as never)) : uncached;
}
