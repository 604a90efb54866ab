import { describe, expect, it } from 'vitest';
import { visible } from '../src/views/token_text';

describe('the text of a token', () => {
  it('draws spaces and line ends', () => expect(visible(' a\n\tb')).toBe('␣a↵⇥b'));
  it('keeps letters of every script and whole emojis', () => {
    for (const text of ['狗', 'é', 'e\u0301', 'שלום', '👩\u200d👧', '❤\ufe0f']) expect(visible(text)).toBe(text);
  });
  it('names what leaves no ink', () => {
    expect(visible('\u200d')).toBe('⟨U+200D⟩');
    expect(visible('\ufe0f')).toBe('⟨U+FE0F⟩');
    expect(visible('a\u00a0b\u3000')).toBe('a⟨U+00A0⟩b⟨U+3000⟩');
    expect(visible('\u0000\u200b')).toBe('⟨U+0000⟩⟨U+200B⟩');
  });
  it('names what would turn the direction of the rest', () =>
    expect(visible('a\u202eb\u2067')).toBe('a⟨U+202E⟩b⟨U+2067⟩'));
});
