export interface Bins {
  edges: number[];
  /** One list of counts per data set. */
  counts: number[][];
  /** Numbers of the first set that no bin can hold: not finite, or not positive on a log axis. */
  left: number;
}

/** Equal bins over all sets together (equal in the logarithm on a log axis), so that two histograms compare. */
export function binned(sets: number[][], count: number, log: boolean): Bins {
  const usable = (value: number) => Number.isFinite(value) && (!log || value > 0);
  const forward = log ? Math.log : (x: number) => x;
  let low = Infinity;
  let high = -Infinity;
  for (const set of sets) {
    for (const value of set) {
      if (!usable(value)) continue;
      low = Math.min(low, forward(value));
      high = Math.max(high, forward(value));
    }
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const step = (high - low) / count;
  const back = log ? Math.exp : (x: number) => x;
  const edges = Array.from({ length: count + 1 }, (_, i) => back(low + i * step));
  const counts = sets.map((set) => {
    const bins = new Array<number>(count).fill(0);
    for (const value of set)
      if (usable(value)) bins[Math.min(count - 1, Math.floor((forward(value) - low) / step))]! += 1;
    return bins;
  });
  return { edges, counts, left: (sets[0] ?? []).filter((value) => !usable(value)).length };
}
