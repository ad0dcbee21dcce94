/**
 * Divides rows, such as the examples of each class, among columns, such as the parts of a data set: whole numbers with the given
 * sums of rows and of columns, each less than 1 from its proportional share. Largest remainders are rounded up: of all such
 * divisions this one has the largest sum of remainders that were.
 *
 * @param rows Whole numbers.
 * @param columns Whole numbers with the same sum.
 */
export function apportion(rows: readonly number[], columns: readonly number[]): number[][] {
  const total = rows.reduce((sum, size) => sum + size, 0);
  const cells = rows.map(row => columns.map(column => new Cell(row * column, total)));
  rows.forEach((row, index) => {
    roundUpLargest(cells[index] as Cell[], row);
  });
  for (;;) {
    const excess = columns.map((size, column) => sumOf(cells.map(row => row[column] as Cell)) - size);
    const from = excess.findIndex(more => more > 0);
    const to = excess.findIndex(more => more < 0);
    if (from === -1) return cells.map(row => row.map(({ count }) => count));
    moveOne(cells, from, to);
  }
}

/** One number of the division: its share rounded down, or up. */
class Cell {
  readonly remainder: number;
  readonly #floor: number;
  isUp = false;

  /** A share, `product / total`, in whole numbers. */
  constructor(product: number, total: number) {
    this.remainder = total === 0 ? 0 : product % total;
    this.#floor = total === 0 ? 0 : (product - this.remainder) / total;
  }

  get count(): number {
    return this.#floor + Number(this.isUp);
  }
}

const sumOf = (cells: readonly Cell[]): number => cells.reduce((sum, { count }) => sum + count, 0);

/** Rounds up the largest remainders of a row to reach its sum. */
function roundUpLargest(cells: readonly Cell[], sum: number): void {
  const missing = sum - sumOf(cells);
  const byRemainder = cells.toSorted((one, other) => other.remainder - one.remainder);
  for (const cell of byRemainder.slice(0, missing)) cell.isUp = true;
}

interface Move {
  readonly down: Cell;
  readonly up: Cell;
  /** The remainder that is lost. */
  readonly loss: number;
}

/** The cheapest move of 1 between two columns within a row. */
function cheapest(cells: readonly Cell[][], from: number, to: number): Move | undefined {
  const moves = cells.flatMap(row => {
    const [down, up] = [row[from] as Cell, row[to] as Cell];
    if (!down.isUp || up.isUp || up.remainder === 0) return [];
    return [{ down, up, loss: down.remainder - up.remainder }];
  });
  return moves.toSorted((one, other) => one.loss - other.loss)[0];
}

/** Moves 1 from one column to another by the cheapest way, directly or through further columns. */
function moveOne(cells: readonly Cell[][], from: number, to: number): void {
  const way = cheapestWay(cells, from, to);
  for (const { down, up } of way) {
    down.isUp = false;
    up.isUp = true;
  }
}

/** Bellman–Ford over the columns: ways of ever more moves. There is one, as the shares themselves are a division. */
function cheapestWay(cells: readonly Cell[][], from: number, to: number): readonly Move[] {
  const columns = [...(cells[0] as Cell[]).keys()];
  const ways = new Map<number, { readonly loss: number; readonly moves: readonly Move[] }>([
    [from, { loss: 0, moves: [] }],
  ]);
  for (let length = 1; length < columns.length; length++)
    for (const [column, way] of [...ways])
      for (const next of columns) {
        const move = cheapest(cells, column, next);
        if (move === undefined) continue;
        const loss = way.loss + move.loss;
        if (loss < (ways.get(next)?.loss ?? Infinity)) ways.set(next, { loss, moves: [...way.moves, move] });
      }
  return ways.get(to)?.moves ?? [];
}
