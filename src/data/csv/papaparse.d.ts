/** The part of Papa Parse that is used: its parser of pieces, which its published types leave out. */
declare module 'papaparse' {
  interface Parsed {
    readonly data: string[][];
    readonly errors: readonly { readonly code: string; readonly row: number; readonly index: number }[];
    /** `cursor`: the end of the last row in `data`. */
    readonly meta: { readonly cursor: number };
  }

  interface Parser {
    /** @param ignoreLastRow True where the text may end within a row. */
    parse(text: string, baseIndex: number, ignoreLastRow: boolean): Parsed;
  }

  const papa: {
    readonly Parser: new (config: { readonly delimiter: string; readonly newline: '\n' }) => Parser;
  };
  export default papa;
}
