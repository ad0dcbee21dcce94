import { join } from 'node:path';
import { parseJson } from '../../core/parse-json.ts';
import { OWN_NAME } from '../../host/packages.ts';
import { readRegularFile } from '../../storage/read-file.ts';
import type { Manager } from './manager.ts';
import type { ProjectFile } from './project-files.ts';

/** Lines missing from an existing file, which is left unchanged. */
export interface Missing {
  readonly file: string;
  /** Words that follow the file's name. */
  readonly what: string;
  readonly how: string;
}

/** Largest file to read, in bytes. */
const LARGEST = 1_000_000;

/** Lines that existing files lack for this project. @param kept The files with their template content. */
export function missingIn(
  folder: string,
  kept: readonly ProjectFile[],
  manager: Manager,
): readonly Missing[] {
  return kept.flatMap(({ path, content }) => {
    const look = LOOKS[path];
    if (look === undefined) return [];
    const reading = readRegularFile(join(folder, path), LARGEST);
    if ('problem' in reading) return [{ file: path, what: 'cannot be read', how: 'look at it' }];
    const text = reading.content.toString();
    return text === content ? [] : look(text, manager).map(each => ({ file: path, ...each }));
  });
}

type Look = (text: string, manager: Manager) => readonly Omit<Missing, 'file'>[];

const LOOKS: Readonly<Record<string, Look>> = {
  'package.json': lookAtPackage,
  // It may have comments and extend another file, so only the two names are checked.
  'tsconfig.json': text =>
    /"stages\b/.test(text) && /"experiments\b/.test(text)
      ? []
      : [
          {
            what: 'should include stages/ and leave out experiments/',
            how: 'look at its "include" and "exclude"',
          },
        ],
  '.gitignore': text =>
    /^\/?node_modules\/?\s*$/m.test(text)
      ? []
      : [{ what: 'lacks node_modules/', how: 'add the line node_modules/' }],
};

interface Package {
  readonly type?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

function lookAtPackage(text: string, { add, addForDevelopment }: Manager) {
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null)
    return [{ what: 'is not a JSON object', how: 'fix the file' }];
  const { type, dependencies, devDependencies } = parsed as Package;
  const known = { ...dependencies, ...devDependencies };
  const absent = ['typescript', '@types/node'].filter(name => known[name] === undefined);
  return [
    ...(type === 'module' ? [] : [{ what: 'lacks "type": "module"', how: 'npm pkg set type=module' }]),
    ...(known[OWN_NAME] === undefined ? [{ what: `lacks ${OWN_NAME}`, how: `${add} ${OWN_NAME}` }] : []),
    ...(absent.length > 0
      ? [
          {
            what: `lacks ${absent.join(' and ')}, which check stages`,
            how: `${addForDevelopment} ${absent.join(' ')}`,
          },
        ]
      : []),
  ];
}
