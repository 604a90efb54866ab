export type Cell = string | number | boolean;

const infinite: Record<string, number> = { inf: Infinity, '-inf': -Infinity };

/** Rows by one column, each with the place it came from. Equal rows keep their order; what is no number goes last. */
export function sortedRows(rows: Cell[][], column: number, descending: boolean): { row: Cell[]; index: number }[] {
  const numbers = rows.some((row) => typeof row[column] === 'number');
  const key = (row: Cell[]): number => {
    const cell = row[column]!;
    if (typeof cell === 'boolean') return cell ? 1 : 0;
    return typeof cell === 'number' ? cell : (infinite[cell] ?? NaN);
  };
  const order = (a: Cell[], b: Cell[]): number => {
    if (!numbers && typeof a[column] === 'string')
      return String(a[column]).localeCompare(String(b[column]), undefined, { numeric: true }) * (descending ? -1 : 1);
    const [x, y] = [key(a), key(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x === y ? 0 : (x < y ? -1 : 1) * (descending ? -1 : 1);
  };
  return rows.map((row, index) => ({ row, index })).sort((a, b) => order(a.row, b.row) || a.index - b.index);
}
