import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStage } from '../core/stage.ts';
import { stageExtension, stagesDir } from '../host/paths.ts';

/** The names of the built-in stages: those of the files in the folder of stages. */
export function builtInStageNames(): readonly string[] {
  return readdirSync(stagesDir)
    .filter(file => file.endsWith(stageExtension))
    .map(file => file.slice(0, -stageExtension.length))
    .sort();
}

/** Loads one built-in stage. @param name One of `builtInStageNames()`. */
export async function loadBuiltInStage(name: string): Promise<AnyStage> {
  const url = pathToFileURL(join(stagesDir, name + stageExtension)).href;
  const { default: stage } = (await import(/* @vite-ignore */ url)) as { default: AnyStage };
  if (stage.name !== name) throw new Error(`${url} holds a stage named "${stage.name}"`);
  return stage;
}

/** Loads every built-in stage, by name. */
export function loadBuiltInStages(): Promise<readonly AnyStage[]> {
  return Promise.all(builtInStageNames().map(loadBuiltInStage));
}
