import { describe, expect, it } from 'vitest';
import { wrapped } from '../src/views/save';

describe('the title of a saved figure', () => {
  it('stays in one line where it fits', () => {
    expect(wrapped('Attention', 15, 320)).toEqual(['Attention']);
    expect(wrapped('', 15, 320)).toEqual([]);
  });
  it('goes on between words, and loses none', () => {
    const title = 'Influence: exchange input j (column), how much output i (row) changes';
    const lines = wrapped(title, 15, 465);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe(title);
    for (const line of lines) expect(line.length * 15 * 0.66).toBeLessThanOrEqual(465);
  });
  it('goes on at any Chinese character', () => {
    const title = '影响：替换输入 j（列），输出 i（行）变化多大';
    const lines = wrapped(title, 15, 200);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('').replace(/\s/g, '')).toBe(title.replace(/\s/g, ''));
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(20);
  });
  it('leaves a word alone that is longer than a line', () => {
    expect(wrapped('a '.repeat(2) + 'x'.repeat(80), 15, 320)).toHaveLength(2);
  });
});
