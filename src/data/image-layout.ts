import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Split } from './cifar-format.ts';

export interface LayoutOptions {
  /** Name of the folder or archive in messages. */
  readonly name: string;
  /** The source as given, and its parameter, such as `load-images.source`. */
  readonly source: string;
  readonly what: string;
  readonly split: Split;
  /** The classes wanted, in the order of their labels; all of them, by name, when absent. */
  readonly classes: readonly string[] | undefined;
  /** At most this many pictures, as evenly from the classes as possible; Infinity for all. */
  readonly limit: number;
  /** True to skip one outer folder around all others, as in archives. */
  readonly skipOuterFolder: boolean;
}

export interface Picture {
  /** Path within the folder or archive. */
  readonly path: string;
  readonly label: number;
}

export interface Layout {
  readonly classes: readonly string[];
  /** By label, then by path. */
  readonly pictures: readonly Picture[];
  /** Ignored files outside class folders. */
  readonly ignored: readonly string[];
}

interface Candidate {
  readonly path: string;
  readonly folders: readonly string[];
}

/** Names of folders that are splits of a data set, not classes. */
export const SPLITS: readonly string[] = ['train', 'test'];
const MAX_CLASSES = 256;
/** Most folders to list in a message. */
const NAMED_FOLDERS = 10;
const SHAPE_HINT =
  'Put the pictures into one folder per class: <class>/<picture>, or train/<class>/<picture>.';

const byCodeUnit = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** True for a file name of a picture. In class folders, other files are tried as well. */
export function looksLikePicture(path: string): boolean {
  return /\.(jpe?g|png|webp|gif|avif|heif|tiff?|svg|bmp)$/i.test(path);
}

/** Files and folders that systems and viewers leave behind, hidden ones included. */
const LITTER =
  /^(\..*|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|picasa\.ini|icon\r|__MACOSX|@eaDir|\$RECYCLE\.BIN|System Volume Information|lost\+found)$/i;

export const isLitter = (name: string): boolean => LITTER.test(name);

/** Visible files with the folders that they are in. */
function visible(paths: readonly string[]): Candidate[] {
  return paths.flatMap(path => {
    const segments = path.split('/').filter(segment => segment !== '' && segment !== '.');
    return segments.some(isLitter) ? [] : [{ path, folders: segments.slice(0, -1) }];
  });
}

/**
 * Paths without a common outer folder: `pets/cat/1.jpg, pets/README` become `cat/1.jpg, README`, but `cat/1.jpg` alone is a
 * class.
 */
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

/** The class of each file, null for a file of another split, undefined for one outside class folders. */
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

/** Refuses classes that hold only folders: those are outer folders or splits. */
function checkDepth(
  files: readonly Candidate[],
  className: (file: Candidate) => string | null | undefined,
  { name, source, what, skipOuterFolder }: LayoutOptions,
): void {
  const [inner, below] = branchingFolders(files, className);
  const classes = [...inner.keys()].sort(byCodeUnit);
  const [first = [], ...others] = [...inner.values()].map(folders => [...folders].sort(byCodeUnit));
  if (first.length < 2 || others.some(folders => folders.join('/') !== first.join('/'))) return;
  const folders = first.slice(0, NAMED_FOLDERS).join(', ') + (first.length > NAMED_FOLDERS ? ', …' : '');
  const [only = ''] = classes;
  const isOne = classes.length === 1;
  // In an archive, or in train/ and test/, a deeper source is not possible.
  const canGoDeeper = !skipOuterFolder && files.some(file => file.folders[0] === only);
  const place = join(only, ...below);
  const levels = below.length === 0 ? 'one level' : `${below.length + 1} levels`;
  const inside = canGoDeeper ? `--set ${what}=${join(source, place)}` : `move them ${levels} up`;
  throw new Failure({
    code: 'too-deep',
    exitCode: 2,
    message: isOne
      ? `${name}: its one class would be ${only}, ${below.length === 0 ? 'which' : `and ${place}`} holds only folders: ${folders}`
      : `${name}: its classes would be ${classes.join(', ')}, which hold only folders of the same names: ${folders}`,
    hint: isOne
      ? `If those are the classes: ${inside}. If ${only} is one: classes: [${only}].`
      : `Name the folders train and test, or give one of them: ${inside}. If they are classes: classes: [${classes.join(', ')}].`,
  });
}

/** The folders in each class, and the path to them through folders with a single folder in them. */
function branchingFolders(
  files: readonly Candidate[],
  className: (file: Candidate) => string | null | undefined,
): [ReadonlyMap<string, ReadonlySet<string>>, readonly string[]] {
  const below: string[] = [];
  for (;;) {
    const inner = innerFolders(files, className, below.length);
    const [folders, ...others] = inner.values();
    const [next] = folders ?? [];
    if (next === undefined || folders?.size !== 1 || others.length > 0) return [inner, below];
    below.push(next);
  }
}

/** Folders at a depth in each class, by the class's name; none for a class with pictures at or above that depth. */
function innerFolders(
  files: readonly Candidate[],
  className: (file: Candidate) => string | null | undefined,
  depth: number,
): ReadonlyMap<string, ReadonlySet<string>> {
  const inner = new Map<string, Set<string>>();
  const flat = new Set<string>();
  for (const file of files) {
    const name = className(file);
    if (typeof name !== 'string') continue;
    const folder = file.folders[file.folders.indexOf(name) + 1 + depth];
    const folders = inner.get(name) ?? new Set();
    inner.set(name, folders);
    if (folder !== undefined) folders.add(folder);
    else if (looksLikePicture(file.path)) flat.add(name);
  }
  for (const name of flat) inner.set(name, new Set());
  return inner;
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
 * Finds pictures and their classes in a list of files, paths with `/` between their parts.
 *
 * @throws Failure when there are no class folders, no such split, no such class, or too many classes
 */
export function arrange(paths: readonly string[], options: LayoutOptions): Layout {
  const files = options.skipOuterFolder ? withoutOuterFolder(visible(paths)) : visible(paths);
  const className = classOf(files, options);
  const classed = files.map(file => ({ path: file.path, name: className(file) }));
  const known = [...new Set(classed.flatMap(({ name }) => name ?? []))].sort(byCodeUnit);
  if (known.length === 0) throw noImages(options, 'there are no pictures in class folders');
  const classes = options.classes ?? known;
  checkClasses(classes, known, options);
  if (options.classes === undefined) checkDepth(files, className, options);
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
