/** Experiments on disk: the only file of this folder that others import. */
export { openRegistry } from './internal/registry.ts';
export { experimentsDir } from './internal/location.ts';
export { REGISTRY_GITIGNORE } from './internal/gitignore.ts';
export { experimentNumber, experimentOf } from './internal/ids.ts';
export {
  artifactsDir,
  cacheDir,
  METRICS,
  metricsPath,
  outputDir,
  PICTURE,
  recordPath,
  stageRecordPath,
} from './internal/paths.ts';
export { toStored } from './internal/stored-artifact.ts';
export { hasResult } from './internal/status.ts';
export type * from './stored.ts';
export type * from './sweeps.ts';
export type * from './types.ts';
export type * from './writing.ts';
