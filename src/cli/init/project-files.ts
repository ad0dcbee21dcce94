import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { OWN_NAME } from '../../host/packages.ts';
import { packageRoot, projectTemplate } from '../../host/paths.ts';
import { REGISTRY_GITIGNORE } from '../../registry/index.ts';
import { schemaText } from '../schema-text.ts';

interface OwnPackage {
  readonly version: string;
}

export interface ProjectFile {
  /** Relative to the project's folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** The files of a new project, in the order of the report. @param folder Absolute. */
export async function projectFiles(folder: string): Promise<readonly ProjectFile[]> {
  const template = await templateFiles();
  return [
    ...template.map(file => (file.path === 'package.json' ? packageJson(file, folder) : file)),
    { path: 'schema/pipeline.schema.json', content: await schemaText('pipeline') },
    { path: 'schema/sweep.schema.json', content: await schemaText('sweep') },
    { path: 'experiments/.gitignore', content: REGISTRY_GITIGNORE },
  ];
}

async function templateFiles(): Promise<readonly ProjectFile[]> {
  const entries = await readdir(projectTemplate, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort(topFirst).map(async file => ({
      path: projectPath(relative(projectTemplate, file).split(sep).join('/')),
      content: await readFile(file, 'utf8'),
    })),
  );
}

/**
 * The path of a template file in the project. Some have other names as templates: npm would leave out .gitignore, and TypeScript
 * would compile stages.
 */
const projectPath = (path: string): string =>
  path.replace(/^gitignore$/, '.gitignore').replace('.template.', '.');

/** Order with files before folders. */
const topFirst = (a: string, b: string): number => {
  const depth = (path: string) => path.split(sep).length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
};

function packageJson({ path, content }: ProjectFile, folder: string): ProjectFile {
  const template = JSON.parse(content) as object;
  const filled = { ...template, name: packageName(folder), dependencies: { [OWN_NAME]: ownRange() } };
  return { path, content: `${JSON.stringify(filled, null, 2)}\n` };
}

/** A valid package name from a folder's name. npm installs no package into one of the same name. */
function packageName(folder: string): string {
  const name = basename(folder)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 200);
  return ['', 'node_modules', OWN_NAME].includes(name) ? 'my-project' : name;
}

/** The range of the installed version; for a checkout its folder, as its version may not be published. */
function ownRange(): string {
  if (basename(dirname(packageRoot)) !== 'node_modules') return `file:${packageRoot}`;
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as OwnPackage;
  return `^${version}`;
}
