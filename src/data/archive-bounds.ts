/** Entries: more than any data set of pictures has. Their names are held in memory. */
const MAX_ENTRIES = 2_000_000;
/** Bytes unpacked for one packed: pictures hardly compress, and gzip makes up to a thousand of one. */
const MAX_RATIO = 100;
/** Bytes that any archive may unpack to. */
const HARMLESS = 1e9;
/** Bytes of an entry's header. */
const HEADER = 512;

/** How much an archive may unpack to, whatever it claims. */
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

  /** Counts an entry, before its content is unpacked. Returns what is too much, as a clause that follows “it”. */
  excess(entryBytes: number): string | undefined {
    this.#entries++;
    this.#bytes += HEADER + entryBytes;
    if (this.#entries > this.#maxEntries) return `has more than ${this.#maxEntries} entries`;
    if (this.#bytes > this.#maxBytes) return `unpacks to more than ${MAX_RATIO} times its size`;
    return undefined;
  }
}
