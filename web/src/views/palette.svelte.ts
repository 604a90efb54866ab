/** The theme's colours as numbers, for pictures that are painted and not styled. Follows the theme as it changes. */
export type Rgb = readonly [number, number, number];

const names = [
  'ink',
  'ink-soft',
  'panel',
  'line',
  'cell',
  'masked',
  'positive',
  'negative',
  'sequential',
  'accent',
  'bad',
  'warn',
  'query',
  'key',
  'value',
  'score',
  'probability',
  'gradient',
  'weight',
  'loss',
] as const;
export type ColorName = (typeof names)[number];
export type Palette = Record<ColorName, Rgb>;

// What a document without the page's style sheet gets (unit tests): the light theme.
export const otherwise: Record<ColorName, string> = {
  ink: '#1c2430',
  'ink-soft': '#525d6b',
  panel: '#ffffff',
  line: '#dcdfe4',
  cell: '#f4f2ee',
  masked: '#c4c8ce',
  positive: '#c2570c',
  negative: '#1d5fa8',
  sequential: '#0b6a63',
  accent: '#1f5fbf',
  bad: '#b3261e',
  warn: '#8a5a00',
  query: '#c2410c',
  key: '#1d6fb8',
  value: '#5f2b83',
  score: '#44546a',
  probability: '#075e48',
  gradient: '#9d174d',
  weight: '#6c3600',
  loss: '#b3261e',
};

export function parseHex(text: string): Rgb | undefined {
  const found = /^#([0-9a-f]{6})$/i.exec(text.trim());
  if (!found) return undefined;
  const bits = parseInt(found[1]!, 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r}, ${g}, ${b})`;

function read(): Palette {
  const style = globalThis.document ? getComputedStyle(document.documentElement) : undefined;
  const entries = names.map((name) => [
    name,
    parseHex(style?.getPropertyValue(`--${name}`) ?? '') ?? parseHex(otherwise[name])!,
  ]);
  return Object.fromEntries(entries) as Palette;
}

class Theme {
  #palette = $state.raw<Palette | undefined>();
  #watching = false;

  get palette(): Palette {
    if (!this.#watching && globalThis.MutationObserver) {
      this.#watching = true;
      new MutationObserver(() => (this.#palette = read())).observe(document.documentElement, {
        attributes: true,
        attributeFilter: ['data-theme'],
      });
    }
    return this.#palette ?? read();
  }
}
export const theme = new Theme();

/* ---- mixing: as color-mix(in oklab, ...) does in the style sheet ---------------------------------------------------- */

const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const gamma = (c: number): number => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

// Björn Ottosson's OKLab (2020), from and to linear sRGB.
function toOklab(color: Rgb): [number, number, number] {
  const [r, g, b] = color.map((c) => linear(c / 255)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: [number, number, number]): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channel = (c: number) => Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, c)))));
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** `share` of `full` over `empty`: even steps to the eye. */
export function mix(full: Rgb, empty: Rgb, share: number): Rgb {
  const [a, b] = [toOklab(full), toOklab(empty)];
  return fromOklab([0, 1, 2].map((i) => a[i]! * share + b[i]! * (1 - share)) as [number, number, number]);
}

/** Relative luminance (WCAG): decides whether a number on a cell is dark or light. */
export const luminance = (color: Rgb): number =>
  0.2126 * linear(color[0] / 255) + 0.7152 * linear(color[1] / 255) + 0.0722 * linear(color[2] / 255);
