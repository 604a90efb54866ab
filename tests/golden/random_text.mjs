// The same generators as in make_tokenizers.py and tests/core/tokenizer/golden.h.
import { readFileSync } from 'node:fs';

const folder = new URL('tokenizer/', import.meta.url);
export const texts = JSON.parse(readFileSync(new URL('texts.json', folder), 'utf8'));
export const corpus = readFileSync(new URL('corpus.txt', folder), 'utf8').match(/[^\n]*\n/g);

/** A 64-bit linear congruential generator, the high bits. */
export function random(seed) {
  let state = BigInt(seed);
  return (n) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(n));
  };
}

/** Lines of the corpus and texts in random order, spaces between, until the UTF-8 has so many bytes. */
export function mixedText(seed, bytes) {
  const below = random(seed);
  const all = [...texts, ...corpus];
  const parts = [];
  for (let size = 0; size < bytes; ) {
    const part = all[below(all.length)] + ' '.repeat(below(3));
    parts.push(part);
    size += Buffer.byteLength(part);
  }
  return parts.join('');
}

/** FNV-1a over 32-bit little-endian numbers, as 16 hexadecimal digits. */
export function hashNumbers(numbers) {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const byte = (value) => {
    low = (low ^ value) >>> 0;
    // times 0x100000001b3
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + low * 0x100) >>> 0;
    low = product >>> 0;
  };
  for (const n of numbers) {
    byte(n & 255);
    byte((n >>> 8) & 255);
    byte((n >>> 16) & 255);
    byte(n >>> 24);
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
