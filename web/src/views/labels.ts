/** Room a text takes, near enough to place labels without measuring: Chinese is as wide as it is high. */
export function textWidth(text: string, size = 11.5): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0x2e80) width += size;
    else if (/[A-Z@%mwMW—…→]/.test(character)) width += size * 0.78;
    else if (/[ijlt.,:;'|!()[\]frI ]/.test(character)) width += size * 0.36;
    else width += size * 0.59;
  }
  return width;
}

/** A text cut so that it fits, with an ellipsis. */
export function fitted(text: string, room: number, size = 11.5): string {
  if (textWidth(text, size) <= room) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(characters.join('') + '…', size) > room) characters.pop();
  return characters.join('').trimEnd() + '…';
}

/** Shows every k-th label, the least k at which neighbours `step` pixels apart do not touch. */
export function labelStride(labels: string[], step: number, size = 11.5, gap = 6): number {
  const widest = labels.reduce((most, label) => Math.max(most, textWidth(label, size)), 0);
  return Math.max(1, Math.ceil((widest + gap) / Math.max(step, 1e-6)));
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export interface PlacedLabel {
  index: number;
  x: number;
  y: number;
  anchor: 'start' | 'end' | 'middle';
}

/** Labels beside points, first come first served: right, left, above, below; a label that fits nowhere is left out. */
export function placeLabels(
  points: { x: number; y: number; text: string }[],
  bounds: Box,
  order: number[] = points.map((_, i) => i),
  size = 11.5,
): PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => ({ x: x - 4, y: y - 4, width: 8, height: 8 }));
  const placed: PlacedLabel[] = [];
  for (const index of order) {
    const { x, y, text } = points[index]!;
    const width = textWidth(text, size) + 2;
    const height = size + 2;
    const options: [PlacedLabel['anchor'], number, number, number][] = [
      ['start', x + 7, y + size * 0.35, x + 6],
      ['end', x - 7, y + size * 0.35, x - 6 - width],
      ['middle', x, y - 7, x - width / 2],
      ['middle', x, y + 7 + size * 0.8, x - width / 2],
    ];
    for (const [anchor, textX, textY, left] of options) {
      const box = { x: left, y: textY - size * 0.85, width, height };
      const inside =
        box.x >= bounds.x &&
        box.y >= bounds.y &&
        box.x + width <= bounds.x + bounds.width &&
        box.y + height <= bounds.y + bounds.height;
      if (!inside || taken.some((other, i) => i !== index && overlap(box, other))) continue;
      taken.push(box);
      placed.push({ index, x: textX, y: textY, anchor });
      break;
    }
  }
  return placed;
}
