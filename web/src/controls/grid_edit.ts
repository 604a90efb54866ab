/** What a grid or image parameter holds: rows x columns of numbers. */
export interface GridValue {
  rows: number;
  columns: number;
  cells: number[];
}

export const isGrid = (value: unknown): value is GridValue =>
  typeof value === 'object' && value !== null && 'cells' in value && Array.isArray(value.cells);

const changed = (grid: GridValue, cells: number[]): GridValue => ({ ...grid, cells });

/** One cell set. What is outside leaves the grid as it is. */
export function withCell(grid: GridValue, row: number, column: number, value: number): GridValue {
  if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) return grid;
  const at = row * grid.columns + column;
  if (grid.cells[at] === value) return grid;
  return changed(
    grid,
    grid.cells.map((cell, i) => (i === at ? value : cell)),
  );
}

/**
 * A stroke of a round pen (or rubber) from one place to another, in cells, its edge soft over one cell: ink only gets
 * stronger, the rubber only weaker, so that going over a place twice spoils nothing.
 */
export function stroke(
  grid: GridValue,
  from: [number, number],
  to: [number, number],
  radius: number,
  erase: boolean,
): GridValue {
  const [dy, dx] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const cells = grid.cells.map((cell, i) => {
    const y = Math.floor(i / grid.columns) + 0.5;
    const x = (i % grid.columns) + 0.5;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((y - from[0]) * dy + (x - from[1]) * dx) / length));
    const distance = Math.hypot(y - from[0] - along * dy, x - from[1] - along * dx);
    const ink = Math.round(100 * Math.min(1, Math.max(0, radius + 0.5 - distance))) / 100;
    return erase ? Math.min(cell, 1 - ink) : Math.max(cell, ink);
  });
  return cells.every((cell, i) => cell === grid.cells[i]) ? grid : changed(grid, cells);
}

export const filled = (grid: GridValue, value: number): GridValue =>
  changed(
    grid,
    grid.cells.map(() => value),
  );

/** As a picture turned upside down in its values. */
export const inverted = (grid: GridValue, minimum: number, maximum: number): GridValue =>
  changed(
    grid,
    grid.cells.map((cell) => minimum + maximum - cell),
  );
