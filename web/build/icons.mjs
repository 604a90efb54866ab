// The sign of the page, from one list of shapes: as SVG for browsers, as PNG for home screens, and the web app manifest.
import { deflateSync } from 'node:zlib';

const size = 32;
const ground = [0x27, 0x4c, 0x77];
/** Three layers with a token in each. */
const shapes = [
  ...[10, 16, 22].map((y) => ({ kind: 'line', from: 8, to: 24, y, width: 2.4, color: [255, 255, 255], opacity: 0.45 })),
  { kind: 'disc', x: 12, y: 10, radius: 3, color: [0xff, 0xb4, 0x54], opacity: 1 },
  { kind: 'disc', x: 20, y: 16, radius: 3, color: [0x59, 0xc2, 0xff], opacity: 1 },
  { kind: 'disc', x: 14, y: 22, radius: 3, color: [0xaa, 0xd9, 0x4c], opacity: 1 },
];
const hex = (color) => '#' + color.map((part) => part.toString(16).padStart(2, '0')).join('');

export function iconSvg() {
  const drawn = shapes.map((s) =>
    s.kind === 'line'
      ? `<path d="M${s.from} ${s.y}H${s.to}" stroke="${hex(s.color)}" stroke-width="${s.width}" opacity="${s.opacity}"/>`
      : `<circle cx="${s.x}" cy="${s.y}" r="${s.radius}" fill="${hex(s.color)}"/>`,
  );
  const square = `<rect width="${size}" height="${size}" rx="7" fill="${hex(ground)}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">${square}${drawn.join('')}</svg>`;
}

const covers = (shape, x, y) =>
  shape.kind === 'line'
    ? x >= shape.from && x <= shape.to && Math.abs(y - shape.y) <= shape.width / 2
    : (x - shape.x) ** 2 + (y - shape.y) ** 2 <= shape.radius ** 2;

/** Whether a point lies in the rounded square. */
function inSquare(x, y, radius) {
  const dx = Math.max(radius - x, x - (size - radius), 0);
  const dy = Math.max(radius - y, y - (size - radius), 0);
  return dx * dx + dy * dy <= radius * radius;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = ~0;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(~crc >>> 0);
  return Buffer.concat([head, body, tail]);
}

/**
 * `pixels` wide and high, RGBA. `full`: the ground fills the square and the sign stands in the middle four fifths, because the
 * system cuts a shape of its own out of it (a "maskable" icon, and Apple's).
 */
export function iconPng(pixels, full = false) {
  const samples = 4;
  const rows = Buffer.alloc(pixels * (1 + 4 * pixels));
  const scale = size / pixels;
  const place = (at) => (full ? (at - size / 2) / 0.8 + size / 2 : at);
  for (let row = 0; row < pixels; row += 1) {
    for (let column = 0; column < pixels; column += 1) {
      const sum = [0, 0, 0, 0];
      for (let i = 0; i < samples * samples; i += 1) {
        const sx = (column + ((i % samples) + 0.5) / samples) * scale;
        const sy = (row + (Math.floor(i / samples) + 0.5) / samples) * scale;
        if (!full && !inSquare(sx, sy, 7)) continue;
        const [x, y] = [place(sx), place(sy)];
        let color = ground;
        for (const shape of shapes) {
          if (!covers(shape, x, y)) continue;
          color = color.map((part, k) => part + (shape.color[k] - part) * shape.opacity);
        }
        color.forEach((part, k) => (sum[k] += part));
        sum[3] += 1;
      }
      const at = row * (1 + 4 * pixels) + 1 + 4 * column;
      for (let k = 0; k < 3; k += 1) rows[at + k] = sum[3] ? Math.round(sum[k] / sum[3]) : 0;
      rows[at + 3] = Math.round((255 * sum[3]) / (samples * samples));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels, 0);
  header.writeUInt32BE(pixels, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const manifest = {
  id: './',
  name: 'Glassformer',
  short_name: 'Glassformer',
  description:
    '84 道 Transformer 面试题，每个答案都在你的浏览器里算出来。84 Transformer interview questions, each computed in your browser.',
  lang: 'zh',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#fbfaf7',
  theme_color: '#fbfaf7',
  categories: ['education'],
  icons: [
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  shortcuts: [
    { name: '复习 · Study', url: './#/study' },
    { name: '模拟面试 · Mock interview', url: './#/mock' },
    { name: '口算卡 · Recall cards', url: './#/cards' },
  ],
};

/** Manifest and icons beside the page; the single file has its sign inside and cannot be installed. */
export function webApp(single) {
  const inline = `data:image/svg+xml,${encodeURIComponent(iconSvg())}`;
  const link = (attrs) => ({ tag: 'link', attrs, injectTo: 'head' });
  return {
    name: 'glassformer-web-app',
    transformIndexHtml: (_html, context) =>
      single || context.server
        ? [link({ rel: 'icon', href: inline })]
        : [
            link({ rel: 'icon', type: 'image/svg+xml', href: './icon.svg' }),
            link({ rel: 'apple-touch-icon', href: './apple-touch-icon.png' }),
            link({ rel: 'manifest', href: './manifest.webmanifest' }),
          ],
    generateBundle() {
      if (single) return;
      const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source });
      emit('manifest.webmanifest', JSON.stringify(manifest));
      emit('icon.svg', iconSvg());
      emit('icon-192.png', iconPng(192));
      emit('icon-512.png', iconPng(512));
      emit('icon-maskable-512.png', iconPng(512, true));
      emit('apple-touch-icon.png', iconPng(180, true));
    },
  };
}
