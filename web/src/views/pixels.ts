import type { Rgb } from './palette.svelte';

/** Rows x columns of colours as the address an <image> of an SVG takes; what has no colour stays transparent. */
export function pixelUrl(rows: number, columns: number, at: (row: number, column: number) => Rgb | undefined): string {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context || rows === 0 || columns === 0) return '';
  canvas.width = columns;
  canvas.height = rows;
  const image = context.createImageData(columns, rows);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const color = at(r, c);
      if (color) image.data.set([color[0], color[1], color[2], 255], 4 * (r * columns + c));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL('image/png');
}
