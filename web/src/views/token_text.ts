import type { Frame, Piece } from '../engine/protocol';

/** Spaces and line ends are drawn; everything else as it is. */
export const visible = (text: string): string => text.replaceAll(' ', '␣').replaceAll('\n', '↵').replaceAll('\t', '⇥');

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
