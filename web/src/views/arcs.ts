import type { ExperimentEntry, Frame } from '../engine/protocol';
import type { ArcsView } from '../lesson/types';
import { tickName } from './curves';
import { axisIndex, sliceOf, tensorOf, tickLabel, ViewError } from './tensors';
import { tokensOf, type NamedToken } from './token_text';

export interface Arcs {
  queries: NamedToken[];
  keys: NamedToken[];
  heads: string[];
  weight: (head: number, query: number, key: number) => number;
  cell: (head: number, query: number, key: number) => number[];
  /** The largest size of a finite weight over all heads and all that can be chosen: the scale of thickness. */
  largest: number;
  signed: boolean;
  role: string;
}

export function arcsOf(view: ArcsView, frame: Frame, entry: ExperimentEntry): Arcs {
  const tensor = tensorOf(frame, view.value);
  const slice = sliceOf(tensor, view.select);
  const head = view.heads === undefined ? undefined : axisIndex(tensor, view.heads);
  const ends = slice.axes.filter((axis) => axis !== head);
  if (head === -1 || ends.length !== 2) throw new ViewError(view.value);
  const named = (output: string | undefined, axis: number): NamedToken[] => {
    const count = tensor.shape[axis]!;
    const tokens = output === undefined ? undefined : tokensOf(frame, output);
    if (tokens && tokens.length === count) return tokens;
    return Array.from({ length: count }, (_, i) => ({ name: tickLabel(tensor, axis, i), place: undefined }));
  };
  const coordinates = (h: number, q: number, k: number) =>
    slice.axes.map((axis) => (axis === head ? h : axis === ends[0] ? q : k));
  let largest = 0;
  let signed = false;
  for (const value of tensor.data) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    signed ||= value < 0;
  }
  const heads = head === undefined ? 1 : tensor.shape[head]!;
  return {
    queries: named(view.tokens, ends[0]!),
    keys: named(view.key_tokens ?? view.tokens, ends[1]!),
    heads: Array.from({ length: heads }, (_, h) =>
      head === undefined ? '' : tickName(entry, view.heads!, tickLabel(tensor, head, h)),
    ),
    weight: (h, q, k) => slice.at(coordinates(h, q, k)),
    cell: (h, q, k) => slice.index(coordinates(h, q, k)),
    largest,
    signed,
    role: tensor.role,
  };
}

export interface Arc {
  head: number;
  query: number;
  key: number;
  weight: number;
  /** 0 to 1 of the largest. */
  share: number;
}

/** How many weights of these heads are NaN or +∞; −∞ is how a mask is written. */
export function lostArcs(arcs: Arcs, heads: readonly number[]): number {
  let lost = 0;
  for (const head of heads) {
    for (let query = 0; query < arcs.queries.length; query += 1) {
      for (let key = 0; key < arcs.keys.length; key += 1) {
        const weight = arcs.weight(head, query, key);
        if (!Number.isFinite(weight) && weight !== -Infinity) lost += 1;
      }
    }
  }
  return lost;
}

export const mostArcs = 700;

/** The arcs that are drawn, weakest first; the strongest of them if there are too many to see. */
export function strongest(arcs: Arcs, heads: readonly number[], threshold: number): { drawn: Arc[]; left: number } {
  const all: Arc[] = [];
  for (const head of heads) {
    for (let query = 0; query < arcs.queries.length; query += 1) {
      for (let key = 0; key < arcs.keys.length; key += 1) {
        const weight = arcs.weight(head, query, key);
        const share = arcs.largest > 0 ? Math.abs(weight) / arcs.largest : 0;
        if (Number.isFinite(weight) && share > 0 && share >= threshold) all.push({ head, query, key, weight, share });
      }
    }
  }
  all.sort((a, b) => a.share - b.share);
  return { drawn: all.slice(-mostArcs), left: Math.max(0, all.length - mostArcs) };
}
