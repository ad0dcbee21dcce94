import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { StageCache } from '../../cache/cache.ts';
import { fingerprintOf, secretHash, type FingerprintParts } from '../../cache/fingerprint.ts';
import type { Schema } from '../../core/json-schema.ts';
import { mapTexts } from '../../config/map-texts.ts';
import { withReferences } from '../../config/secret-params.ts';
import { valueAt } from '../../config/value-at.ts';
import type { StageRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { cacheKeyOf } from '../../core/stage-functions.ts';
import { sha256 } from '../../core/sha256.ts';
import type { CacheKeyContext, ExperimentLookup } from '../../core/stage.ts';
import { bundledPackages } from '../../host/bundled-packages.ts';
import { engineVersion } from '../../host/environment.ts';
import { packageClosure } from '../../host/package-closure.ts';
import { packageRoot } from '../../host/paths.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { borrowInputs, type Borrowed } from '../borrowed.ts';
import { stageCodes } from './stage-code.ts';
import { StageReads } from './stage-reads.ts';

/** Packages whose versions can change results; pipe's other dependencies are bundled, and so in the hash of its code. */
const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu', 'sharp'];

/** Versions of those packages and their dependencies, including the TensorFlow.js built into an installed pipe. */
function ownPackages(): Readonly<Record<string, string>> {
  const builtIn = Object.entries(bundledPackages()).filter(([name]) => PACKAGES.includes(name));
  return { ...Object.fromEntries(builtIn), ...packageClosure(packageRoot, PACKAGES) };
}

/** A file or folder that a stage reads, with a hash of its content. */
export interface ReadData {
  /** Absolute. */
  readonly path: string;
  readonly digest: string;
}

export interface StageFingerprint {
  readonly fingerprint: string;
  readonly parts: FingerprintParts;
  readonly data: readonly ReadData[];
  /** Environment variables that the stage's `cacheKey` read: their effect is in the fingerprint. */
  readonly covered: readonly string[];
  /** The inputs that come from earlier experiments. */
  readonly borrowed: Borrowed;
}

/** The data that a stage reads, for its record. */
export const recordedData = (data: readonly ReadData[] = []): Pick<StageRecord, 'data'> =>
  data.length === 0 ? {} : { data: [...data] };

/** Where a plan's stages look for their data. */
export interface StageEnvironment {
  readonly cwd: string;
  readonly home: string;
  readonly env: CacheKeyContext['env'];
  /** The experiments that inputs may come from. */
  readonly find: ExperimentLookup['find'];
}

/**
 * Fingerprints by stage id. A stage is left out when its data cannot be read, or when it follows such a stage: running it reports
 * why.
 * @param wrongData Receives the failures of stages whose data is known in advance to be wrong.
 */
export async function fingerprintStages(
  { stages, pipeline }: Plan,
  cache: Pick<StageCache, 'digest'>,
  environment: StageEnvironment,
  wrongData?: Map<string, Failure>,
): Promise<ReadonlyMap<string, StageFingerprint>> {
  const own = { ...ownPackages(), 'Node’s V8': engineVersion() };
  const known = new Map<string, StageFingerprint>();
  const codeOf = stageCodes();
  for (const planned of stages) {
    const { id, stage, stageSeed } = planned;
    const data: ReadData[] = [];
    const digest = async (path: string) => {
      const known = await cache.digest(path);
      data.push({ path: resolve(environment.cwd, path), digest: known });
      return known;
    };
    const borrowing = await borrowedBy(planned, environment, digest);
    if (borrowing instanceof Failure) wrongData?.set(id, borrowing);
    const inputs = inputsOf(planned, known);
    if (inputs === undefined || borrowing instanceof Failure) continue;
    const { params, paths } = withoutFolders(planned, [environment.cwd, pipeline.dir]);
    const covered = new Set<string>();
    const env = new StageReads([], name => covered.add(name)).env(environment.env);
    const content = await contentOf(planned, paths, {
      ...environment,
      env,
      id,
      pipelineDir: pipeline.dir,
      digest,
    });
    if (content instanceof Failure) wrongData?.set(id, content);
    if (content === undefined || content instanceof Failure) continue;
    const { code, packages } = await codeOf(planned);
    const parts: FingerprintParts = {
      id,
      stage: stage.name,
      version: stage.version,
      code,
      params: withReferences(params, planned.secrets),
      ...secretsOf(planned),
      seed: stageSeed,
      content,
      packages: { ...own, ...packages },
      inputs: { ...inputs, ...borrowing.inputs },
    };
    const { borrowed } = borrowing;
    known.set(id, { fingerprint: fingerprintOf(parts), parts, data, covered: [...covered], borrowed });
  }
  return known;
}

interface BorrowedParts {
  readonly borrowed: Borrowed;
  /** They count by their content, whichever experiment has them. */
  readonly inputs: FingerprintParts['inputs'];
}

/** The inputs that come from earlier experiments, or why there are none. */
async function borrowedBy(
  planned: PlannedStage,
  environment: StageEnvironment,
  digest: CacheKeyContext['digest'],
): Promise<BorrowedParts | Failure> {
  try {
    const borrowed = await borrowInputs(planned, environment);
    const inputs = Object.entries(borrowed).map(async ([input, { dir, ...fields }]) => {
      const fingerprint = sha256(JSON.stringify([fields, await digest(dir)]));
      return [input, { from: 'another experiment', fingerprint }] as const;
    });
    return { borrowed, inputs: Object.fromEntries(await Promise.all(inputs)) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function secretsOf({ params, secrets }: PlannedStage): Pick<FingerprintParts, 'secrets'> {
  if (secrets === undefined) return {};
  const hashes = secrets.map(
    ({ path, reference }) => [reference, secretHash(String(valueAt(params, path)))] as const,
  );
  return { secrets: Object.fromEntries(hashes) };
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

/** Undefined where data cannot be read; a failure where it is wrong. */
async function contentOf(
  planned: PlannedStage,
  paths: readonly string[],
  context: CacheKeyContext,
): Promise<readonly string[] | Failure | undefined> {
  if (planned.stage.cacheKey !== undefined) {
    const key = await cacheKeyOf(planned, context);
    return typeof key === 'string' ? [key] : key;
  }
  try {
    return await Promise.all(paths.map(path => context.digest(path)));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/**
 * Parameters with paths of files and folders reduced to names, and those paths: data counts by its content, wherever it lies, and
 * a resolved.yaml has absolute paths where its pipeline file has relative ones.
 */
function withoutFolders(
  { stage, params }: PlannedStage,
  folders: readonly string[],
): { readonly params: unknown; readonly paths: readonly string[] } {
  const paths: string[] = [];
  const shortened = mapTexts(params, stage.params as Schema, (text, isPath) => {
    if (!isPath) return text;
    const found = folders.map(folder => resolve(folder, text)).find(existsSync);
    if (found === undefined) return text;
    paths.push(found);
    return basename(found);
  });
  return { params: shortened, paths };
}
