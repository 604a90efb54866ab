// One training update of a small GPT (2 layers, d_model 64, 4 heads, d_ff 256, vocabulary 64, 32 sequences of 32 tokens, Adam),
// one thread, in turn: Glassformer and jax-js in WebAssembly, in one Node process, and native PyTorch and native Glassformer
// where they are there. Not a test: machines differ.
//   node update.mjs [ROUNDS] [PYTHON WITH TORCH]        (preparation: products.mjs)
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadEngine } from './engine.mjs';
import { jaxTraining } from './jax_gpt.mjs';
import { rateOf, report, takeTurns } from './statistics.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rounds = Number(process.argv[2] ?? 7);
const python = process.argv[3];
const name = 'update of a GPT';

/** PyTorch in a process of its own that measures once for every line it gets. */
async function torchRounds() {
  const script = fileURLToPath(new URL('torch_gpt.py', import.meta.url));
  const child = spawn(python, [script, String(rounds)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  console.log((await lines.next()).value);
  return async () => {
    child.stdin.write('\n');
    return Number((await lines.next()).value);
  };
}

const ours = await loadEngine(path.join(root, 'build/wasm/tests/glassformer_bench.mjs'));
const jax = await jaxTraining();
const measures = {
  glassformer: () => ours(name)[0].rate,
  'jax-js': () => rateOf(jax, { warmUp: 500 }),
};
const native = path.join(root, 'build/native/glassformer');
if (existsSync(native)) {
  measures['glassformer, native'] = () => JSON.parse(execFileSync(native, ['bench', '--json', name]).toString())[0].rate;
}
if (python) measures['PyTorch, native'] = await torchRounds();
const rates = await takeTurns(measures, rounds);
report('training update', 'updates/s', rates, { 'jax-js': 2, ...(python && { 'PyTorch, native': null }) });
if (python && rates['glassformer, native']) {
  console.log(`native: ${(rates['glassformer, native'] / rates['PyTorch, native']).toFixed(2)}x PyTorch`);
}
process.exit();
