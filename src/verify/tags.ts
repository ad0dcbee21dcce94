import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from '../registry/index.ts';
import type { Problem, Report } from './report.ts';

/** Reports on all tags, with problems for those without an experiment. */
export function verifyTags(registry: Registry): Report[] {
  const { tags, damaged } = registry.tags.all();
  const trashed = new Set(registry.trash.entries().map(({ name }) => name));
  return [
    ...[...tags].map(([name, id]) => {
      if (existsSync(join(registry.dir, id))) return report(name, null, null);
      const words = `it points to ${id}, which is ${trashed.has(id) ? 'in the trash' : 'gone'}`;
      const hint = trashed.has(id) ? `pipe restore ${id} brings it back` : removal(name);
      return report(name, { kind: 'missing', words }, hint);
    }),
    ...damaged.map(name =>
      report(name, { kind: 'changed', words: 'its file names no experiment' }, removal(name)),
    ),
  ];
}

const removal = (name: string): string =>
  `pipe tag --delete ${name} removes it, pipe tag --force <experiment> ${name} moves it`;

function report(name: string, problem: Omit<Problem, 'path'> | null, hint: string | null): Report {
  const problems = problem === null ? [] : [{ ...problem, path: `.tags/${name}` }];
  const nothing = { files: 0, bytes: 0, unexpected: [], unfinished: [], withoutHashes: [] };
  return { kind: 'tag', name, status: null, ...nothing, problems, hint };
}
