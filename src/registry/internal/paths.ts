/** Paths within a registry and an experiment's folder. */
import { join } from 'node:path';

export const cacheDir = (registry: string): string => join(registry, '.cache');
export const recordPath = (dir: string): string => join(dir, 'experiment.json');
export const METRICS = 'metrics.jsonl';
export const metricsPath = (dir: string): string => join(dir, METRICS);
/** The picture of an experiment's metrics. */
export const PICTURE = 'metrics.svg';
export const artifactsDir = (dir: string): string => join(dir, 'artifacts');
export const stageDir = (dir: string, stage: string): string => join(dir, 'stages', stage);
export const outputDir = (dir: string, stage: string): string => join(stageDir(dir, stage), 'output');
export const stageRecordPath = (dir: string, stage: string): string =>
  join(stageDir(dir, stage), 'stage.json');
export const logPath = (dir: string, stage: string): string => join(stageDir(dir, stage), 'log.txt');
