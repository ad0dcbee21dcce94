/** Takes one file: its number in the list asked for, its size in bytes, and a way to read it once. */
export type FileVisitor = (index: number, size: number, read: () => Promise<Buffer>) => Promise<void>;

/** Files of a folder or an archive. */
export interface PictureFiles {
  /** Every file, relative, with `/` between the parts of a path; in no particular order. */
  readonly paths: readonly string[];
  /** Those of the paths that cannot be read, and why; not to be visited. */
  readonly broken: ReadonlyMap<string, string>;
  /** Folders with nothing in them. */
  readonly emptyFolders: readonly string[];
  /** Visits the files named, in whatever order is fastest. */
  visit(paths: readonly string[], visitor: FileVisitor): Promise<void>;
}
