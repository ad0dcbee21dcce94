import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Split } from './cifar-format.ts';

export interface LayoutOptions {
  /** How messages name the folder or archive. */
  readonly name: string;
  readonly split: Split;
  /** The classes wanted, in the order of their labels; all of them, by name, when absent. */
  readonly classes: readonly string[] | undefined;
  /** At most this many pictures, as evenly from the classes as can be; Infinity for all. */
  readonly limit: number;
  /** Whether one folder that holds all the others may be passed over, as archives have it. */
  readonly skipOuterFolder: boolean;
}

export interface Picture {
  /** As the folder or archive names it. */
  readonly path: string;
  readonly label: number;
}

export interface Layout {
  readonly classes: readonly string[];
  /** By label, then by path. */
  readonly pictures: readonly Picture[];
  /** Files outside class folders, which take no part. */
  readonly ignored: readonly string[];
}

interface Candidate {
  readonly path: string;
  readonly folders: readonly string[];
}

const SPLITS: readonly string[] = ['train', 'test'];
const MAX_CLASSES = 256;
const SHAPE_HINT =
  'Put the pictures into one folder per class: <class>/<picture>, or train/<class>/<picture>.';

const byCodeUnit = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** Whether a file's name promises a picture. Files without such a name are tried as well, in class folders. */
export function looksLikePicture(path: string): boolean {
  return /\.(jpe?g|png|webp|gif|avif|heif|tiff?|svg|bmp)$/i.test(path);
}

/** Visible files with the folders that they are in; `.DS_Store`, `__MACOSX/` and their like are nobody's pictures. */
function visible(paths: readonly string[]): Candidate[] {
  return paths.flatMap(path => {
    const segments = path.split('/').filter(segment => segment !== '' && segment !== '.');
    const hidden = segments.some(segment => segment.startsWith('.') || segment === '__MACOSX');
    return hidden ? [] : [{ path, folders: segments.slice(0, -1) }];
  });
}

/** `pets/cat/1.jpg, pets/README` is `cat/1.jpg, README`; but `cat/1.jpg` alone is a class. */
function withoutOuterFolder(files: readonly Candidate[]): readonly Candidate[] {
  const outer = files[0]?.folders[0];
  const shared = outer !== undefined && files.every(file => file.folders[0] === outer);
  const isClass = files.some(file => file.folders.length === 1 && looksLikePicture(file.path));
  if (!shared || isClass || SPLITS.includes(outer)) return files;
  return files.map(file => ({ ...file, folders: file.folders.slice(1) }));
}

function noImages(options: LayoutOptions, message: string): Failure {
  return new Failure({ code: 'no-images', message: `${options.name}: ${message}`, hint: SHAPE_HINT });
}

/** The class of each file, null for one of a split that is not wanted, undefined for one that is in no class folder. */
function classOf(
  files: readonly Candidate[],
  options: LayoutOptions,
): (file: Candidate) => string | null | undefined {
  const { name, split } = options;
  const inSplit = (folder: string) =>
    files.some(file => file.folders[0] === folder && file.folders.length > 1);
  if (!SPLITS.some(inSplit)) {
    if (split === 'all') return file => file.folders[0];
    throw new Failure({
      code: 'no-split',
      message: `${name} has no train/ and test/ folders with classes, so split: ${split} means nothing`,
      hint: 'Choose split: all.',
    });
  }
  if (split !== 'all' && !inSplit(split)) throw noImages(options, `there are no classes in ${split}/`);
  return ({ folders: [top = '', folder] }) =>
    !SPLITS.includes(top) || folder === undefined
      ? undefined
      : split === 'all' || split === top
        ? folder
        : null;
}

function checkClasses(wanted: readonly string[], known: readonly string[], options: LayoutOptions): void {
  const unknown = wanted.filter(name => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure({
      code: 'unknown-class',
      exitCode: 2,
      message: `${options.name} has no class ${unknown.join(', ')}`,
      details: [`It has ${known.join(', ')}.`],
      hint: didYouMean(unknown[0] as string, known) ?? 'Choose among those.',
    });
  }
  if (wanted.length > MAX_CLASSES)
    throw new Failure({
      code: 'too-many-classes',
      message: `${options.name} has ${wanted.length} classes; at most ${MAX_CLASSES} are possible`,
      hint: 'Choose some with the classes parameter.',
    });
}

/** At most `limit` pictures: the first of each class, then the second of each, and so on. */
function evenly(pictures: readonly Picture[], limit: number): readonly Picture[] {
  if (pictures.length <= limit) return pictures;
  const seen: number[] = [];
  const ranked = pictures.map(picture => {
    const rank = seen[picture.label] ?? 0;
    seen[picture.label] = rank + 1;
    return { picture, rank };
  });
  const first = ranked.sort((one, other) => one.rank - other.rank || one.picture.label - other.picture.label);
  return first.slice(0, limit).map(({ picture }) => picture);
}

/**
 * Finds the pictures and their classes in a list of files, each path with `/` between its parts.
 *
 * @throws Failure when there are no class folders, no such split, no such class, or too many
 */
export function arrange(paths: readonly string[], options: LayoutOptions): Layout {
  const files = options.skipOuterFolder ? withoutOuterFolder(visible(paths)) : visible(paths);
  const className = classOf(files, options);
  const classed = files.map(file => ({ path: file.path, name: className(file) }));
  const known = [...new Set(classed.flatMap(({ name }) => name ?? []))].sort(byCodeUnit);
  if (known.length === 0) throw noImages(options, 'there are no pictures in class folders');
  const classes = options.classes ?? known;
  checkClasses(classes, known, options);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const order = (one: Picture, other: Picture) => one.label - other.label || byCodeUnit(one.path, other.path);
  const pictures = classed
    .flatMap(({ path, name }) => {
      const label = labels.get(name ?? '');
      return label === undefined ? [] : [{ path, label }];
    })
    .sort(order);
  return {
    classes,
    pictures: [...evenly(pictures, options.limit)].sort(order),
    ignored: classed.flatMap(({ path, name }) => (name === undefined ? [path] : [])),
  };
}
