// What the comparisons share: engines take turns, so that a machine that slows down slows all of them, and each is judged
// by the median of its rounds.

/** Calls per second: the best of a dozen batches after a warm-up, as `glassformer bench` measures itself. */
export async function rateOf(call, { warmUp = 300, batches = 12, batch = 20 } = {}) {
  let calls = 0;
  const start = performance.now();
  while (performance.now() - start < warmUp) {
    await call();
    calls += 1;
  }
  const each = Math.max(1, Math.floor((calls * batch) / warmUp));
  let best = Infinity;
  for (let repeat = 0; repeat < batches; repeat += 1) {
    const begin = performance.now();
    for (let i = 0; i < each; i += 1) await call();
    best = Math.min(best, (performance.now() - begin) / each);
  }
  return 1000 / best;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** {name: median rate} of functions that each measure once, in turn, `rounds` times. */
export async function takeTurns(measures, rounds) {
  const rates = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries(measures)) rates[name].push(await measure());
  }
  return Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, median(all)]));
}

/** One line of the report: rates, and the ratios that were asked for. Where one is missed the process will end with 1. */
export function report(name, unit, rates, wanted, digits = 1) {
  const ratios = Object.entries(wanted).map(([other, factor]) => {
    const ratio = rates.glassformer / rates[other];
    if (factor && ratio < factor) process.exitCode = 1;
    const verdict = factor ? ` (wanted ${factor}${ratio >= factor ? '' : ', missed'})` : '';
    return `${ratio.toFixed(2)}x ${other}${verdict}`;
  });
  const engines = Object.entries(rates).filter(([engine]) => engine !== 'best');
  const figures = engines.map(([engine, rate]) => `${engine} ${rate.toFixed(digits)}`).join('  ');
  console.log(`${name.padEnd(26)} ${figures} ${unit}   ${ratios.join(', ')}`);
}
