import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { formatDuration } from '../core/format.ts';
import { printable } from '../core/printable.ts';
import type { Plan } from '../plan/plan.ts';
import { PICTURE } from '../registry/index.ts';
import type { RunOutcome } from './execute/run.ts';

/** Most published files to list for a stage; with more, its folder is listed. */
const SHOWN = 3;

/** The closing lines of a run: its end, its folder, published files, and the next command. */
export async function summarize(outcome: RunOutcome, plan: Plan, cwd: string): Promise<readonly string[]> {
  const { id, dir, status, ms } = outcome;
  const verb = status === 'interrupted' ? 'was interrupted' : status;
  return [
    `${id} ${verb} ${status === 'finished' ? 'in' : 'after'} ${formatDuration(ms)}`,
    ...(await pathsToShow(dir, plan)).map(path => `  ${printable(relative(cwd, path) || path)}`),
    `  → pipe show ${id}`,
    ...(status === 'finished' ? [] : [`  → pipe resume ${id}`]),
  ];
}

/** The experiment's folder, the picture of its metrics, then published files in the order of stages. */
async function pathsToShow(dir: string, plan: Plan): Promise<readonly string[]> {
  const artifacts = join(dir, 'artifacts');
  const published = new Set(await readdir(artifacts));
  const shown = [dir];
  if (existsSync(join(dir, PICTURE))) shown.push(join(dir, PICTURE));
  for (const { id } of plan.stages.filter(stage => published.has(stage.id))) {
    const folder = join(artifacts, id);
    const names = (await readdir(folder)).sort();
    if (names.length > SHOWN) shown.push(folder);
    else for (const name of names) shown.push(join(folder, name));
  }
  return shown;
}
