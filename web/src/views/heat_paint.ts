import type { ColorTable, HeatScale } from './colors';
import { formatNumber } from './format';
import {
  fullHeight,
  fullWidth,
  labelsOf,
  labelSize,
  numberSize,
  valueAt,
  type HeatGrid,
  type HeatLayout,
  type Scroll,
} from './heat_layout';
import { css, type Palette, type Rgb } from './palette.svelte';

/** A rectangle of cells to outline, [first, last] both inclusive. */
export interface Outline {
  rows: [number, number];
  columns: [number, number];
  color: Rgb;
}

export interface HeatPicture {
  layout: HeatLayout;
  grid: HeatGrid;
  table: ColorTable;
  palette: Palette;
  /** Cells that may not be seen although they hold a number: an attention weight behind a mask. */
  hidden: ((r: number, c: number) => boolean) | undefined;
  scroll: Scroll;
  outlines: Outline[];
  cursor: readonly [number, number] | undefined;
  font: string;
}

type Kind = 'masked' | 'nan' | 'infinite';
interface Special {
  r: number;
  c: number;
  kind: Kind;
}

/** Which cells are in sight. */
function inSight({ layout, grid, scroll }: HeatPicture) {
  const first = (offset: number, size: number) => Math.max(0, Math.floor(offset / size));
  const last = (offset: number, view: number, size: number, count: number) =>
    Math.min(count - 1, Math.ceil((offset + view) / size));
  return {
    r0: first(scroll.y, layout.cellHeight),
    r1: last(scroll.y, layout.viewHeight, layout.cellHeight, grid.rows),
    c0: first(scroll.x, layout.cellWidth),
    c1: last(scroll.x, layout.viewWidth, layout.cellWidth, grid.columns),
  };
}

function kindOf(value: number, hidden: boolean): Kind | undefined {
  if (hidden || value === -Infinity) return 'masked';
  if (value - value === 0) return undefined;
  return Number.isNaN(value) ? 'nan' : 'infinite';
}

const small = new Map<string, { canvas: HTMLCanvasElement; image: ImageData; pixels: Uint32Array }>();
/** A canvas with one pixel per cell, kept by size: a slider that moves makes no new ones. */
function pixelsFor(columns: number, rows: number) {
  const key = `${columns}x${rows}`;
  let found = small.get(key);
  if (!found) {
    if (small.size > 12) small.clear();
    const canvas = document.createElement('canvas');
    canvas.width = columns;
    canvas.height = rows;
    const image = canvas.getContext('2d')!.createImageData(columns, rows);
    found = { canvas, image, pixels: new Uint32Array(image.data.buffer) };
    small.set(key, found);
  }
  return found;
}

/** The cells as a picture of one pixel each; what is not a number is left out and listed. */
export function cellPixels(
  { grid, table, hidden }: Pick<HeatPicture, 'grid' | 'table' | 'hidden'>,
  { r0, r1, c0, c1 }: { r0: number; r1: number; c0: number; c1: number },
): { canvas: HTMLCanvasElement; specials: Special[] } {
  const width = c1 - c0 + 1;
  const { canvas, image, pixels } = pixelsFor(width, r1 - r0 + 1);
  const specials: Special[] = [];
  const { packed, scale } = table;
  const last = packed.length - 1;
  const factor = last / (scale.max - scale.min);
  for (let r = r0; r <= r1; r += 1) {
    let at = grid.base + r * grid.rowStride + c0 * grid.columnStride;
    let pixel = (r - r0) * width;
    for (let c = c0; c <= c1; c += 1, at += grid.columnStride, pixel += 1) {
      const value = grid.data[at]!;
      const kind = kindOf(value, hidden?.(r, c) ?? false);
      if (kind) {
        specials.push({ r, c, kind });
        pixels[pixel] = 0;
        continue;
      }
      const place = Math.round((value - scale.min) * factor);
      pixels[pixel] = packed[place < 0 ? 0 : place > last ? last : place]!;
    }
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return { canvas, specials };
}

let hatching: { palette: Palette; ratio: number; pattern: CanvasPattern } | undefined;
function hatch(context: CanvasRenderingContext2D, palette: Palette, ratio: number): CanvasPattern {
  if (hatching?.palette === palette && hatching.ratio === ratio) return hatching.pattern;
  const tile = document.createElement('canvas');
  tile.width = tile.height = 6;
  const pen = tile.getContext('2d')!;
  pen.fillStyle = css(palette.cell);
  pen.fillRect(0, 0, 6, 6);
  pen.strokeStyle = css(palette.masked);
  pen.lineWidth = 2;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, 'repeat')!;
  hatching = { palette, ratio, pattern };
  return pattern;
}

/** Draws everything of a heatmap into a canvas of `fullWidth` by `fullHeight`, times the screen's pixel ratio. */
export function paintHeat(canvas: HTMLCanvasElement, picture: HeatPicture, ratio: number): void {
  const { layout, palette, scroll } = picture;
  const width = fullWidth(layout);
  const height = fullHeight(layout);
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)] as const;
  if (canvas.width !== pixels[0]) canvas.width = pixels[0];
  if (canvas.height !== pixels[1]) canvas.height = pixels[1];
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);

  context.save();
  context.beginPath();
  context.rect(layout.left - 2, layout.top - 2, layout.viewWidth + 4, layout.viewHeight + 4);
  context.clip();
  context.translate(layout.left - scroll.x, layout.top - scroll.y);
  paintCells(context, picture, ratio);
  context.restore();

  for (const label of labelsOf(layout, scroll, picture.cursor)) {
    context.font = `${label.strong ? '700 ' : ''}${labelSize}px ${picture.font}`;
    context.fillStyle = css(label.strong ? palette.accent : palette['ink-soft']);
    context.textAlign = label.anchor === 'middle' ? 'center' : label.anchor;
    context.save();
    context.translate(label.x, label.y);
    if (label.turn) context.rotate((label.turn * Math.PI) / 180);
    context.fillText(label.text, 0, 0);
    context.restore();
  }
}

function paintCells(context: CanvasRenderingContext2D, picture: HeatPicture, ratio: number): void {
  const { layout, palette, grid } = picture;
  const { cellWidth, cellHeight } = layout;
  const { r0, r1, c0, c1 } = inSight(picture);
  if (r1 < r0 || c1 < c0) return;
  const { canvas, specials } = cellPixels(picture, { r0, r1, c0, c1 });
  const gap = Math.min(cellWidth, cellHeight) >= 7 ? 1 : 0;
  context.imageSmoothingEnabled = false;
  const x = c0 * cellWidth;
  const y = r0 * cellHeight;
  context.drawImage(canvas, x, y, (c1 - c0 + 1) * cellWidth, (r1 - r0 + 1) * cellHeight);

  for (const { r, c, kind } of specials) {
    const left = c * cellWidth;
    const top = r * cellHeight;
    if (kind === 'masked') {
      context.fillStyle = hatch(context, palette, ratio);
      context.fillRect(left, top, cellWidth, cellHeight);
      continue;
    }
    context.fillStyle = css(palette.cell);
    context.fillRect(left, top, cellWidth, cellHeight);
    context.strokeStyle = css(palette.bad);
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(left + 2, top + 2);
    context.lineTo(left + cellWidth - 2, top + cellHeight - 2);
    if (kind === 'nan') {
      context.moveTo(left + cellWidth - 2, top + 2);
      context.lineTo(left + 2, top + cellHeight - 2);
    }
    context.stroke();
  }
  if (gap) {
    context.fillStyle = css(palette.panel);
    for (let c = c0; c <= c1; c += 1) context.fillRect((c + 1) * cellWidth - 1, y, 1, (r1 - r0 + 1) * cellHeight);
    for (let r = r0; r <= r1; r += 1) context.fillRect(x, (r + 1) * cellHeight - 1, (c1 - c0 + 1) * cellWidth, 1);
  }
  if (layout.write) {
    context.font = `${numberSize}px ${picture.font}`;
    context.textAlign = 'center';
    for (let r = r0; r <= r1; r += 1) {
      for (let c = c0; c <= c1; c += 1) {
        const value = valueAt(grid, r, c);
        context.fillStyle = numberInk(picture, r, c);
        context.fillText(layout.write(value), (c + 0.5) * cellWidth - 0.5, (r + 0.5) * cellHeight + 4, cellWidth - 2);
      }
    }
  }
  for (const { rows, columns, color } of picture.outlines) {
    const box = [
      columns[0] * cellWidth - 0.5,
      rows[0] * cellHeight - 0.5,
      (columns[1] - columns[0] + 1) * cellWidth,
      (rows[1] - rows[0] + 1) * cellHeight,
    ] as const;
    context.strokeStyle = css(palette.panel);
    context.lineWidth = 5;
    context.strokeRect(...box);
    context.strokeStyle = css(color);
    context.lineWidth = 2.5;
    context.strokeRect(...box);
  }
  if (picture.cursor) {
    const [r, c] = picture.cursor;
    context.strokeStyle = css(palette.panel);
    context.lineWidth = 4;
    context.strokeRect(c * cellWidth - 0.5, r * cellHeight - 0.5, cellWidth, cellHeight);
    context.strokeStyle = css(palette.ink);
    context.lineWidth = 2;
    context.strokeRect(c * cellWidth - 0.5, r * cellHeight - 0.5, cellWidth, cellHeight);
  }
}

/** The colour of the number on a cell: whatever the theme, light on dark and dark on light. */
function numberInk({ grid, table, palette, hidden }: HeatPicture, r: number, c: number): string {
  const value = valueAt(grid, r, c);
  if (!Number.isFinite(value) || hidden?.(r, c)) return css(palette.ink);
  return table.isDark(value) ? '#fff' : '#000';
}

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => escaped[c]!);

const mostRectangles = 10_000;

const legendHeight = 20;
/** Numbers of a legend, from least to greatest. */
export const legendTicks = ({ kind, min, max }: HeatScale): number[] =>
  kind === 'signed' ? [min, 0, max] : [min, max];

/** A ramp with its numbers, below the cells. */
function legendSvg({ layout, table, palette }: HeatPicture, top: number): string {
  const { scale } = table;
  const width = 140;
  const stops = Array.from({ length: 9 }, (_, i) => scale.min + (i / 8) * (scale.max - scale.min));
  const gradient = stops
    .map((value, i) => `<stop offset="${i / 8}" stop-color="${css(table.colorOf(value))}"/>`)
    .join('');
  const ticks = legendTicks(scale);
  const texts = ticks.map((value, i) => {
    const x = layout.left + (i / (ticks.length - 1)) * width;
    const anchor = i === 0 ? 'start' : i === ticks.length - 1 ? 'end' : 'middle';
    return `<text x="${x}" y="${top + 18}" font-size="10" text-anchor="${anchor}" fill="${css(palette['ink-soft'])}">${formatNumber(value, 3)}</text>`;
  });
  const id = `ramp-${Math.abs(hash(gradient))}`;
  return `<defs><linearGradient id="${id}">${gradient}</linearGradient></defs><rect x="${layout.left}" y="${top}" width="${width}" height="8" fill="url(#${id})"/>${texts.join('')}`;
}
const hash = (text: string): number => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7);

/** The whole heatmap as the inside of an SVG, all cells of it, whatever is in sight. */
export function heatSvg(picture: HeatPicture): { body: string; width: number; height: number } {
  const layout = { ...picture.layout, viewWidth: picture.layout.cellsWidth, viewHeight: picture.layout.cellsHeight };
  const whole: HeatPicture = { ...picture, layout, scroll: { x: 0, y: 0 } };
  const { grid, table, palette } = whole;
  const { cellWidth, cellHeight, left, top } = layout;
  const gap = Math.min(cellWidth, cellHeight) >= 7 ? 1 : 0;
  const parts: string[] = [];
  const box = (r: number, c: number) =>
    `x="${left + c * cellWidth}" y="${top + r * cellHeight}" width="${cellWidth - gap}" height="${cellHeight - gap}"`;
  let masked = false;
  if (grid.rows * grid.columns > mostRectangles) {
    const { canvas, specials } = cellPixels(whole, { r0: 0, r1: grid.rows - 1, c0: 0, c1: grid.columns - 1 });
    parts.push(
      `<image x="${left}" y="${top}" width="${layout.cellsWidth}" height="${layout.cellsHeight}" preserveAspectRatio="none" image-rendering="pixelated" href="${canvas.toDataURL()}"/>`,
    );
    masked = specials.length > 0;
    for (const { r, c } of specials) parts.push(`<rect ${box(r, c)} fill="url(#masked)"/>`);
  } else {
    for (let r = 0; r < grid.rows; r += 1) {
      for (let c = 0; c < grid.columns; c += 1) {
        const value = valueAt(grid, r, c);
        const kind = kindOf(value, whole.hidden?.(r, c) ?? false);
        if (kind) masked = true;
        parts.push(`<rect ${box(r, c)} fill="${kind ? 'url(#masked)' : css(table.colorOf(value))}"/>`);
        if (!layout.write && kind !== 'nan' && kind !== 'infinite') continue;
        const text = layout.write?.(value) ?? formatNumber(value);
        parts.push(
          `<text x="${left + (c + 0.5) * cellWidth}" y="${top + (r + 0.5) * cellHeight + 4}" font-size="${numberSize}" text-anchor="middle" fill="${numberInk(whole, r, c)}">${escapeXml(text)}</text>`,
        );
      }
    }
  }
  for (const label of labelsOf(layout, whole.scroll)) {
    const turn = label.turn ? ` transform="rotate(${label.turn} ${label.x} ${label.y})"` : '';
    parts.push(
      `<text x="${label.x}" y="${label.y}" font-size="${labelSize}" text-anchor="${label.anchor}" fill="${css(palette['ink-soft'])}"${turn}>${escapeXml(label.text)}</text>`,
    );
  }
  parts.push(legendSvg(whole, fullHeight(layout)));
  const pattern = masked
    ? `<defs><pattern id="masked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${css(palette.cell)}"/><rect width="2" height="6" fill="${css(palette.masked)}"/></pattern></defs>`
    : '';
  return { body: pattern + parts.join(''), width: fullWidth(layout), height: fullHeight(layout) + legendHeight };
}
