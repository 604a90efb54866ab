import type { ColorScale } from './scales';

/** Linear light and back, for mixing in OKLab as the style sheet's color-mix does. */
const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const toGamma = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

type Triple = [number, number, number];

/** Coefficients: Ottosson, "A perceptual color space for image processing" (2020). */
function toOklab([r, g, b]: Triple): Triple {
  const [lr, lg, lb] = [toLinear(r / 255), toLinear(g / 255), toLinear(b / 255)];
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb);
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb);
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
function fromOklab([lightness, a, b]: Triple): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channel = (x: number) => Math.round(255 * Math.min(1, Math.max(0, toGamma(x))));
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

export function mixed(from: Triple, to: Triple, share: number): Triple {
  const [a, b] = [toOklab(from), toOklab(to)];
  return fromOklab(a.map((x, i) => x + (b[i]! - x) * share) as Triple);
}

/** "#rrggbb" or "rgb(r, g, b)" as numbers; black if it is neither. */
export function parseColor(text: string): Triple {
  const hex = /^\s*#([0-9a-f]{6})\s*$/i.exec(text);
  if (hex) return [0, 2, 4].map((i) => parseInt(hex[1]!.slice(i, i + 2), 16)) as Triple;
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}

const steps = 255;

/** The colours of a scale as bytes, for canvases: what makeColorScale's `color` is for SVG, in the theme of `element`. */
export class Palette {
  #low: Triple[];
  #high: Triple[];
  #scale: ColorScale;
  readonly masked: Triple;

  /** `ends`: variables of the colours below and above zero, where they are not the usual ones. */
  constructor(scale: ColorScale, element: Element, ends?: [string, string]) {
    const style = getComputedStyle(element);
    const read = (name: string) => parseColor(style.getPropertyValue(name));
    const paper = read('--cell');
    const ramp = (name: string) => {
      const end = read(name);
      return Array.from({ length: steps + 1 }, (_, i) => mixed(paper, end, i / steps));
    };
    this.#scale = scale;
    this.#high = ramp(ends?.[1] ?? (scale.kind === 'signed' ? '--positive' : '--sequential'));
    this.#low = scale.kind === 'signed' ? ramp(ends?.[0] ?? '--negative') : this.#high;
    this.masked = read('--masked');
  }

  at(value: number): Triple {
    if (!Number.isFinite(value)) return this.masked;
    const { kind, min, max } = this.#scale;
    const share = kind === 'signed' ? Math.abs(value) / max : (value - min) / (max - min);
    const ramp = kind === 'signed' && value < 0 ? this.#low : this.#high;
    return ramp[Math.round(steps * Math.min(1, Math.max(0, share)))]!;
  }

  /** Rows x columns of numbers as an image, one pixel a number. */
  image(rows: number, columns: number, at: (row: number, column: number) => number): ImageData {
    const image = new ImageData(Math.max(1, columns), Math.max(1, rows));
    for (let r = 0; r < rows; r += 1) {
      for (let c = 0; c < columns; c += 1) {
        const [red, green, blue] = this.at(at(r, c));
        image.data.set([red, green, blue, 255], 4 * (r * columns + c));
      }
    }
    return image;
  }
}

/** An image of pixels as the address an <image> of an SVG takes. */
export function dataUrl(image: ImageData): string {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas.toDataURL('image/png');
}
