// The static server: types, caching, nothing outside its folder, another port when one is taken.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../scripts/serve.mjs';

const base = await mkdtemp(join(tmpdir(), 'serve-'));
const site = join(base, 'site');
await mkdir(join(site, 'assets'), { recursive: true });
await writeFile(join(base, 'secret.txt'), 'secret');
await writeFile(join(site, 'index.html'), '<p>home</p>');
await writeFile(join(site, 'assets', 'engine-1a2b.wasm'), Buffer.from([0, 97, 115, 109]));
await symlink(join(base, 'secret.txt'), join(site, 'link.txt'));

const server = await serve(site, 0);
const port = Number(new URL(server.address).port);

/** fetch() normalises paths; a raw request does not. */
function raw(path, method = 'GET', headers = {}) {
  return new Promise((done, failed) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body }));
    });
    call.on('error', failed);
    call.end();
  });
}

const tests = {
  'a folder gives its index.html, never cached without asking': async () => {
    const { status, headers, body } = await raw('/?x=1');
    assert.equal(status, 200);
    assert.equal(body, '<p>home</p>');
    assert.match(headers['content-type'], /^text\/html/);
    assert.equal(headers['cache-control'], 'no-cache');
  },
  'WebAssembly has its own type, hashed assets are immutable': async () => {
    const { headers } = await raw('/assets/engine-1a2b.wasm');
    assert.equal(headers['content-type'], 'application/wasm');
    assert.match(headers['cache-control'], /immutable/);
  },
  'an unchanged file is not sent again': async () => {
    const { headers } = await raw('/');
    assert.equal((await raw('/', 'GET', { 'If-None-Match': headers.etag })).status, 304);
  },
  'HEAD sends no body': async () => {
    const { status, headers, body } = await raw('/', 'HEAD');
    assert.deepEqual([status, headers['content-length'], body], [200, '11', '']);
  },
  'other methods are refused': async () => assert.equal((await raw('/', 'POST')).status, 405),
  'what is not there is 404': async () => assert.equal((await raw('/none.js')).status, 404),
  'no path leads out of the folder': async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/%00', '/%ff']) {
      const { status, body } = await raw(path);
      assert.equal(status, 404, path);
      assert.ok(!body.includes('secret'), path);
    }
  },
  'a taken port gives the next one': async () => {
    const second = await serve(site, port);
    const next = Number(new URL(second.address).port);
    await second.close();
    assert.ok(next > port);
  },
};

let passed = 0;
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}\n${error.stack}`);
  }
}
await server.close();
await rm(base, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
