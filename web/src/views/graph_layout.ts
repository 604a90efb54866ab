import { Graph, layout } from '@dagrejs/dagre';
import type { GraphValue } from '../engine/protocol';
import { t } from '../i18n/language.svelte';
import { textWidth } from './labels';

export interface PlacedBox {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface PlacedWire {
  from: string;
  to: string;
  d: string;
  label: string;
  at: { x: number; y: number };
  lit: boolean;
}
export interface PlacedGraph {
  width: number;
  height: number;
  boxes: Map<string, PlacedBox>;
  wires: PlacedWire[];
  groups: (PlacedBox & { label: string })[];
}

/** A polyline with its corners rounded. */
function rounded(points: { x: number; y: number }[]): string {
  const n = (value: number) => value.toFixed(1);
  const [first, ...rest] = points;
  if (!first) return '';
  let d = `M${n(first.x)} ${n(first.y)}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (!next) d += `L${n(point.x)} ${n(point.y)}`;
    else {
      const before = i === 0 ? first : rest[i - 1]!;
      const share = (a: { x: number; y: number }, b: { x: number; y: number }) =>
        Math.min(0.5, 12 / Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)));
      const [s, e] = [share(point, before), share(point, next)];
      d += `L${n(point.x + (before.x - point.x) * s)} ${n(point.y + (before.y - point.y) * s)}`;
      d += `Q${n(point.x)} ${n(point.y)} ${n(point.x + (next.x - point.x) * e)} ${n(point.y + (next.y - point.y) * e)}`;
    }
  });
  return d;
}

/** Boxes in layers from top to bottom, wires around them: the same graph always gives the same picture. */
export function placeGraph(graph: GraphValue, extraLine: boolean): PlacedGraph {
  const g = new Graph({ compound: true, multigraph: true });
  g.setGraph({ rankdir: 'TB', nodesep: 16, edgesep: 12, ranksep: 28, marginx: 10, marginy: 12 });
  const grouped = new Set(graph.boxes.map((box) => box.group));
  const groups = (graph.groups ?? []).filter((group) => grouped.has(group.id));
  for (const group of groups) g.setNode(`group ${group.id}`, {});
  for (const box of graph.boxes) {
    const lines = [textWidth(t(box.label), 13), textWidth(box.shape, 11)];
    const width = Math.max(46, Math.ceil(Math.max(...lines)) + 18);
    g.setNode(box.id, { width, height: 26 + (box.shape ? 14 : 0) + (extraLine ? 14 : 0) });
    if (box.group && groups.some((group) => group.id === box.group)) g.setParent(box.id, `group ${box.group}`);
  }
  graph.wires.forEach((wire, i) => {
    const label = wire.label ? t(wire.label) : '';
    const size = label ? { width: textWidth(label, 11) + 8, height: 14, labelpos: 'c' } : {};
    g.setEdge(wire.from, wire.to, size, String(i));
  });
  layout(g);
  const boxes = new Map<string, PlacedBox>();
  for (const box of graph.boxes) {
    const { x, y, width, height } = g.node(box.id) as PlacedBox;
    boxes.set(box.id, { id: box.id, x: x - width / 2, y: y - height / 2, width, height });
  }
  const wires = graph.wires.map((wire, i): PlacedWire => {
    const edge = g.edge(wire.from, wire.to, String(i)) as {
      points?: { x: number; y: number }[];
      x?: number;
      y?: number;
    };
    const points = edge.points ?? [];
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    return {
      from: wire.from,
      to: wire.to,
      d: rounded(points),
      label: wire.label ? t(wire.label) : '',
      at: { x: edge.x ?? middle.x, y: edge.y ?? middle.y },
      lit: wire.lit ?? false,
    };
  });
  const framed = groups.map((group) => {
    const { x, y, width, height } = g.node(`group ${group.id}`) as PlacedBox;
    const label = t(group.label);
    const wide = Math.max(width, textWidth(label, 11.5) + 16);
    return { id: group.id, label, x: x - wide / 2, y: y - height / 2 - 6, width: wide, height: height + 10 };
  });
  // Frames may stand out of what the layout reckoned with.
  const all = [...boxes.values(), ...framed];
  const left = Math.min(0, ...all.map((box) => box.x - 4));
  const size = g.graph() as { width?: number; height?: number };
  const right = Math.max(size.width ?? 0, ...all.map((box) => box.x + box.width + 4));
  const bottom = Math.max(size.height ?? 0, ...all.map((box) => box.y + box.height + 4));
  const shift = -left;
  for (const box of all) box.x += shift;
  return {
    width: right + shift,
    height: bottom,
    boxes,
    wires: wires.map((wire) => ({ ...wire, at: { x: wire.at.x + shift, y: wire.at.y } })),
    groups: framed,
  };
}

/** The box an arrow key leads to: along wires up and down, to the nearest beside left and right. */
export function nextBox(graph: GraphValue, placed: PlacedGraph, from: string, key: string): string | undefined {
  const here = placed.boxes.get(from);
  if (!here) return undefined;
  const center = (box: PlacedBox) => box.x + box.width / 2;
  const by = (ids: string[]) =>
    ids
      .map((id) => placed.boxes.get(id)!)
      .sort((a, b) => Math.abs(center(a) - center(here)) - Math.abs(center(b) - center(here)))[0]?.id;
  if (key === 'ArrowDown') return by(graph.wires.filter((wire) => wire.from === from).map((wire) => wire.to));
  if (key === 'ArrowUp') return by(graph.wires.filter((wire) => wire.to === from).map((wire) => wire.from));
  const side = key === 'ArrowRight' ? 1 : -1;
  const beside = [...placed.boxes.values()].filter(
    (box) => (center(box) - center(here)) * side > 1 && Math.abs(box.y - here.y) < Math.max(box.height, here.height),
  );
  return by(beside.map((box) => box.id));
}
