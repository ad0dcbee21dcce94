/** Most entries, more than any data set of pictures has. Their names are held in memory. */
const MAX_ENTRIES = 2_000_000;
/** Most bytes unpacked for each packed one: pictures hardly compress, while gzip reaches a thousand. */
const MAX_RATIO = 100;
/** Bytes that an archive of any size may unpack to. */
const HARMLESS = 1e9;
/** Bytes of an entry's header. */
const HEADER = 512;

/** Limits on what an archive may unpack to. */
export class ArchiveBounds {
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  #bytes = 0;
  #entries = 0;

  /** @param packed The archive's size in bytes. */
  constructor(packed: number, maxEntries = MAX_ENTRIES) {
    this.#maxBytes = Math.max(HARMLESS, MAX_RATIO * packed);
    this.#maxEntries = maxEntries;
  }

  /** Counts an entry before its content is unpacked. Returns the exceeded limit as a clause that follows “it”. */
  excess(entryBytes: number): string | undefined {
    this.#entries++;
    this.#bytes += HEADER + entryBytes;
    if (this.#entries > this.#maxEntries) return `has more than ${this.#maxEntries} entries`;
    if (this.#bytes > this.#maxBytes) return `unpacks to more than ${MAX_RATIO} times its size`;
    return undefined;
  }
}
