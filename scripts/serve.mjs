// A small static server for localhost: right MIME types, sensible caching, nothing outside its folder.
// Used by ./scripts/serve and, in-process, by the end-to-end tests.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** The file for a request path, or null when there is none inside the folder. */
async function locate(root, path) {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  try {
    let file = await realpath(resolve(root, '.' + decoded));
    if (file !== root && !file.startsWith(root + sep)) return null;
    let info = await stat(file);
    if (info.isDirectory()) {
      file = join(file, 'index.html');
      info = await stat(file);
    }
    return info.isFile() ? { file, info } : null;
  } catch {
    return null;
  }
}

async function answer(root, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const path = request.url.split(/[?#]/, 1)[0];
  const found = await locate(root, path);
  if (!found) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('not found\n');
    return;
  }
  // Files under assets/ carry a hash of their content in the name: they never change.
  const immutable = path.startsWith('/assets/');
  const tag = `"${found.info.size}-${Math.trunc(found.info.mtimeMs)}"`;
  const headers = {
    'Content-Type': types[extname(found.file)] ?? 'application/octet-stream',
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    ETag: tag,
  };
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Length': found.info.size });
  if (request.method === 'HEAD') response.end();
  else createReadStream(found.file).on('error', () => response.destroy()).pipe(response);
}

/** Serves `folder` on localhost, on `port` or the next free one. Resolves to { address, close }. */
export async function serve(folder, port = 0, tries = 50) {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  for (let attempt = 0; ; attempt += 1) {
    try {
      await new Promise((listening, failed) => {
        server.once('error', failed);
        server.listen(port === 0 ? 0 : port + attempt, '127.0.0.1', () => {
          server.removeListener('error', failed);
          listening();
        });
      });
      break;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || attempt >= tries) throw error;
    }
  }
  return {
    address: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = 'dist/site', port = '8000'] = process.argv.slice(2);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    console.error(`serve: the port must be a number from 0 to 65535, not '${port}'`);
    process.exit(1);
  }
  const { address } = await serve(folder, Number(port));
  console.log(`Glassformer: ${address}   (Ctrl+C stops it)`);
}
