// Builds the page (dist/site) and the single file (dist/glassformer.html); skips both when no input changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inputs = ['web/src', 'web/build', 'web/index.html', 'web/vite.config.ts', 'web/svelte.config.js',
  'web/package-lock.json', 'lessons', 'core/experiments', 'build/wasm/engine'];
const stamp = join(root, 'dist', '.inputs');

function* filesUnder(path) {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) yield* filesUnder(join(path, name));
  else yield path;
}

const hash = createHash('sha256');
for (const input of inputs) {
  for (const file of filesUnder(join(root, input))) hash.update(file.slice(root.length)).update(readFileSync(file));
}
const digest = hash.digest('hex');
const outputs = ['dist/site/index.html', 'dist/glassformer.html'].map((name) => join(root, name));
if (outputs.every(existsSync) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) process.exit(0);

// A lesson that does not hold to schema and catalog never reaches a page.
execFileSync(process.execPath, [join(root, 'build/wasm/glassformer.cjs'), 'validate'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const vite = join(root, 'web/node_modules/vite/bin/vite.js');
const options = { cwd: join(root, 'web'), stdio: ['ignore', 'ignore', 'inherit'] };
execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], options);
execFileSync(process.execPath, [vite, 'build', '--mode', 'single', '--logLevel', 'warn'], options);
mkdirSync(join(root, 'dist'), { recursive: true });
renameSync(join(root, 'dist/single/index.html'), join(root, 'dist/glassformer.html'));
rmSync(join(root, 'dist/single'), { recursive: true });
writeFileSync(stamp, digest);
