// What tiktoken makes of 2 MB of mixed text with the real GPT-2 vocabulary: tests/golden/tokenizer/gpt2.json.
// Run: (cd tests/bench && npm ci) && node tests/golden/make_gpt2.mjs
// gpt-tokenizer must agree.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hashNumbers, mixedText } from './random_text.mjs';

const require = createRequire(new URL('../bench/package.json', import.meta.url));
const { Tiktoken } = require('tiktoken/lite');
const gpt2 = require('tiktoken/encoders/gpt2.json');
const tiktoken = new Tiktoken(gpt2.bpe_ranks, gpt2.special_tokens, gpt2.pat_str);
const other = require('gpt-tokenizer/encoding/r50k_base');
const version = (name) => JSON.parse(readFileSync(new URL(`../bench/node_modules/${name}/package.json`, import.meta.url))).version;

const bytes = 2 << 20;
const runs = [1, 2].map((seed) => {
  const text = mixedText(seed, bytes);
  const ids = tiktoken.encode(text, 'all');
  // gpt-tokenizer takes special tokens for text, so that they are cut out for it.
  const others = text.split('<|endoftext|>').flatMap((part, i) => (i ? [50256, ...other.encode(part)] : other.encode(part)));
  const hash = hashNumbers(ids);
  return { seed, bytes: Buffer.byteLength(text), tokens: ids.length, ids: hash, agrees: hashNumbers(others) === hash };
});
console.log(runs);
if (!runs.every((run) => run.agrees)) throw new Error('gpt-tokenizer does not agree');
const made = { tiktoken: version('tiktoken'), size: bytes, runs: runs.map(({ agrees, ...run }) => run) };
writeFileSync(new URL('tokenizer/gpt2.json', import.meta.url), `${JSON.stringify(made, null, 1)}\n`);
