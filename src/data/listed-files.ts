/** Receives one file: its index in the requested list, its size in bytes, and a function to read it once. */
export type FileVisitor = (index: number, size: number, read: () => Promise<Buffer>) => Promise<void>;

/** Files of a folder or an archive. */
export interface PictureFiles {
  /** Every file, relative, with `/` between the parts of a path; in no particular order. */
  readonly paths: readonly string[];
  /** Unreadable paths with reasons; do not visit them. */
  readonly broken: ReadonlyMap<string, string>;
  /** Folders with nothing in them. */
  readonly emptyFolders: readonly string[];
  /** Visits the given files in the fastest order. */
  visit(paths: readonly string[], visitor: FileVisitor): Promise<void>;
}
