import type { Frame, Piece } from '../engine/protocol';

const drawn: Record<string, string> = { ' ': '␣', '\n': '↵', '\t': '⇥' };
const named = (letter: string): string => `⟨U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;
// Whatever else they stand beside, these leave no ink, or turn the direction of what follows.
const inkless = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
// Joiners, variation selectors and the like: part of an emoji, but nothing to see alone.
const joinersOnly = /^[\p{Cf}\p{Variation_Selector}]+$/u;

/** Spaces and line ends are drawn, other characters without ink are named by their code point; the rest is as it is. */
export const visible = (text: string): string =>
  joinersOnly.test(text)
    ? [...text].map(named).join('')
    : text.replace(inkless, (letter) => drawn[letter] ?? named(letter));

/** A piece in one line of text: ## for a continued word, 狗1/2 for a fragment of a character. */
export function pieceText(piece: Piece): string {
  if (piece.unknown) return '[UNK]';
  const part = piece.fragments ? ` ${piece.fragment}/${piece.fragments}` : '';
  return `${piece.continues_word ? '##' : ''}${visible(piece.text)}${part}`;
}

export interface NamedToken {
  name: string;
  /** The text it was cut from and where, for linking; nothing for a tick. */
  place: { source: string; begin: number; end: number } | undefined;
}

/** The pieces of a tokens output, strip after strip. */
export function tokensOf(frame: Frame, name: string): NamedToken[] | undefined {
  const value = frame.values[name];
  if (value?.kind !== 'tokens') return undefined;
  return value.strips.flatMap((strip) =>
    strip.pieces.map((piece) => ({
      name: pieceText(piece),
      place: { source: strip.source, begin: piece.span[0], end: piece.span[1] },
    })),
  );
}
