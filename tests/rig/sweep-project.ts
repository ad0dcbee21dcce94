/** A project with the pipeline of tests/fixtures/sweep: a stage that prepares, and an objective with faults. */
import { readFileSync } from 'node:fs';
import { makeProject, type Project, type ProjectFiles } from './pipe.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/sweep/${name}`, import.meta.url), 'utf8');

export const sweepProject = (more: ProjectFiles = {}): Promise<Project> =>
  makeProject({
    ...Object.fromEntries(['pipeline.yaml', 'prepare.ts', 'objective.ts'].map(name => [name, fixture(name)])),
    ...more,
  });
