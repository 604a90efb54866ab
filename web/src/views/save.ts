import { painters, type Picture } from './picture';

function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function saveText(text: string, name: string, type = 'text/csv'): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/** Letters, digits and a few signs that every file system takes; Chinese stays. */
export const fileSafe = (text: string): string =>
  text
    .replace(/[\\/:*?"<>|\s]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 120);

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => escaped[c]!);

/* ---- pieces ------------------------------------------------------------------------------------------------------------ */

const svgProperties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'paint-order',
];

/** Copies computed colours and fonts into an SVG: outside the page its style sheets do not reach. */
function withStyles(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  originals.forEach((element, i) => {
    const style = getComputedStyle(element);
    const target = copies[i]!;
    for (const property of svgProperties) target.style.setProperty(property, style.getPropertyValue(property));
    target.removeAttribute('class');
  });
  for (const name of ['role', 'tabindex', 'aria-label']) copy.removeAttribute(name);
  return copy;
}

function svgPiece(svg: SVGSVGElement): Picture {
  const { width, height } = svg.getBoundingClientRect();
  const copy = withStyles(svg);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return { body: new XMLSerializer().serializeToString(copy), width, height };
}

/** What can be drawn as a drawing: charts and painted pictures, not the icons, formulas and explanations beside them. */
function drawings(body: HTMLElement): Element[] {
  return [...body.querySelectorAll('[data-painted], svg')].filter(
    (element) =>
      element.closest('.katex, .explain, button, [data-legend], .keys') === null &&
      element.getBoundingClientRect().width > 60,
  );
}

/** Names and colours of a chart's curves: they stand beside the drawing in the page and must not be lost. */
function legendPiece(keys: Element, font: string, ink: string): Picture {
  let x = 0;
  let y = 16;
  const width = Math.max(200, keys.getBoundingClientRect().width);
  const parts: string[] = [];
  for (const key of keys.querySelectorAll<HTMLElement>('.key')) {
    const text = key.textContent.replace(/\s+/g, ' ').trim();
    const swatch = key.querySelector<HTMLElement>('line, i, .swatch');
    const style = swatch ? getComputedStyle(swatch) : undefined;
    const color = (swatch instanceof SVGElement ? style?.stroke : style?.backgroundColor) ?? ink;
    const long = 34 + text.length * 8;
    if (x > 0 && x + long > width) {
      x = 0;
      y += 18;
    }
    parts.push(
      `<line x1="${x}" x2="${x + 20}" y1="${y - 4}" y2="${y - 4}" stroke="${escapeXml(color)}" stroke-width="2.4"/>`,
      `<text x="${x + 25}" y="${y}" font-size="12" font-family="${escapeXml(font)}" fill="${escapeXml(ink)}">${escapeXml(text)}</text>`,
    );
    x += long;
  }
  return { body: parts.join(''), width, height: parts.length ? y + 6 : 0 };
}

const pageStyle = [
  'color',
  'background',
  'border',
  'border-radius',
  'display',
  'flex',
  'flex-wrap',
  'align-items',
  'justify-content',
  'gap',
  'grid-template-columns',
  'position',
  'inset',
  'margin',
  'padding',
  'width',
  'height',
  'box-sizing',
  'font',
  'font-variant-numeric',
  'line-height',
  'text-align',
  'vertical-align',
  'white-space',
  'overflow',
  'opacity',
  'transform',
  'list-style',
  'border-collapse',
  'clip-path',
];

/** Elements of the page as they look, in a foreignObject: for tables, cards, tokens and formulas, which are no drawings. */
async function pagePiece(body: HTMLElement): Promise<Picture> {
  const { width, height } = body.getBoundingClientRect();
  const copy = body.cloneNode(true) as HTMLElement;
  const originals = [body, ...body.querySelectorAll<HTMLElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<HTMLElement>('*')];
  originals.forEach((element, i) => {
    const style = getComputedStyle(element);
    const target = copies[i]!;
    if (!target.style) return;
    for (const property of pageStyle) target.style.setProperty(property, style.getPropertyValue(property));
    target.removeAttribute('class');
  });
  copy.querySelectorAll('script, .visually-hidden, .katex-mathml').forEach((element) => element.remove());
  copy.style.margin = '0';
  const fonts = body.querySelector('.katex') ? await usedFonts(body) : '';
  const inside = new XMLSerializer().serializeToString(copy);
  return {
    body: `${fonts}<foreignObject width="${width}" height="${height}">${inside}</foreignObject>`,
    width,
    height,
  };
}

/** The page's own fonts that are in use below an element, as data: a picture cannot fetch anything. */
async function usedFonts(body: HTMLElement): Promise<string> {
  const families = new Set(
    [...body.querySelectorAll('*')].map((e) =>
      getComputedStyle(e).fontFamily.split(',')[0]!.replace(/["']/g, '').trim(),
    ),
  );
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].flatMap((rule) =>
        rule instanceof CSSFontFaceRule ? [{ rule, base: sheet.href ?? location.href }] : [],
      );
    } catch {
      return [];
    }
  });
  const faces = await Promise.all(
    rules
      .filter(({ rule }) => families.has(rule.style.getPropertyValue('font-family').replace(/["']/g, '')))
      .map(async ({ rule, base }) => {
        const url = /url\(["']?([^"')]+)["']?\)/.exec(rule.style.getPropertyValue('src'))?.[1];
        if (!url) return '';
        const data = url.startsWith('data:') ? url : await asData(new URL(url, base).href);
        return rule.cssText.replace(url, data);
      }),
  );
  return `<style>${faces.join('\n')}</style>`;
}

async function asData(url: string): Promise<string> {
  const blob = await (await fetch(url)).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(url));
    reader.readAsDataURL(blob);
  });
}

/* ---- the whole figure -------------------------------------------------------------------------------------------------- */

export interface Caption {
  title: string;
  /** What it was computed with: a picture that travels says so. */
  setting: string;
}

/** A figure as one SVG on the page's own background: title, its drawings one below the other, what it was computed with. */
export async function figureSvg(body: HTMLElement, { title, setting }: Caption): Promise<Picture> {
  const style = getComputedStyle(document.body);
  const { color: ink, fontFamily: font } = style;
  const panel = getComputedStyle(body.closest('.panel') ?? document.body).backgroundColor;
  const soft = getComputedStyle(document.documentElement).getPropertyValue('--ink-soft') || ink;
  const found = drawings(body);
  const pieces: Picture[] = [];
  if (found.length === 0) pieces.push(await pagePiece(body));
  for (const element of found) {
    const tag = element.closest('[data-compare]')?.querySelector('.tag')?.textContent?.trim();
    if (tag) pieces.push(textPiece(tag, 13, ink, font, 600));
    pieces.push(painters.get(element)?.() ?? svgPiece(element as SVGSVGElement));
    const keys = element.parentElement?.querySelector(':scope > .keys');
    if (keys) pieces.push(legendPiece(keys, font, ink));
  }
  const margin = 16;
  let y = margin;
  const parts: string[] = [];
  const put = (piece: Picture) => {
    parts.push(`<g transform="translate(${margin} ${y})">${piece.body}</g>`);
    y += piece.height + 6;
  };
  // A title longer than its drawing goes on in the next line: what passes the edge is lost.
  const inner = Math.max(...pieces.map((piece) => piece.width), 320);
  const caption = (text: string, size: number, color: string, weight: number) => {
    for (const line of wrapped(text, size, inner)) put(textPiece(line, size, color, font, weight));
  };
  caption(title, 15, ink, 600);
  pieces.forEach(put);
  caption(setting, 11, soft, 400);
  const width = Math.ceil(inner + 2 * margin);
  const height = Math.ceil(y + margin - 6);
  return {
    body: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(font)}"><rect width="100%" height="100%" fill="${panel}"/>${parts.join('')}</svg>`,
    width,
    height,
  };
}

const wide = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const words = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+/g;

/** Cut into lines of at most a width, between words or at a Chinese character; letters are taken as wide as bold ones. */
export function wrapped(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.match(words) ?? []) {
    const long = [...word].reduce((sum, letter) => sum + size * (wide.test(letter) ? 1 : 0.66), 0);
    if (used + long > width && line.trim()) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    if (line || word.trim()) {
      line += word;
      used += long;
    }
  }
  return line.trim() ? [...lines, line.trimEnd()] : lines;
}

function textPiece(text: string, size: number, color: string, font: string, weight: number): Picture {
  return {
    body: `<text y="${size}" font-size="${size}" font-weight="${weight}" fill="${escapeXml(color)}" font-family="${escapeXml(font)}">${escapeXml(text)}</text>`,
    width: 0,
    height: size + 6,
  };
}

export async function saveSvg(body: HTMLElement, caption: Caption, name: string): Promise<void> {
  saveText((await figureSvg(body, caption)).body, name, 'image/svg+xml');
}

/** The same as a PNG of twice its size. */
export async function savePng(body: HTMLElement, caption: Caption, name: string): Promise<void> {
  const picture = await figureSvg(body, caption);
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(picture.body);
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = picture.width * 2;
  canvas.height = picture.height * 2;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  // Not toBlob(): Chromium encodes that in idle time, and a quiet page waited nearly seven seconds for it.
  const [type, base64] = canvas.toDataURL('image/png').split(';base64,');
  if (!base64) throw new Error(`a picture of ${canvas.width}x${canvas.height} pixels does not fit in a canvas`);
  saveBlob(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: type!.slice(5) }), name);
}
