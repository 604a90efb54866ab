// The engine's files as modules: which computes what, their bytes, their glue; the experiments' list and source texts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'build/wasm/engine');
const text = JSON.stringify;

/** Experiment -> engine, as wasm/CMakeLists.txt divided them. The single file carries one engine of everything. */
function namesOf(single) {
  const names = JSON.parse(readFileSync(join(folder, 'engines.json'), 'utf8'));
  return single ? Object.fromEntries(Object.keys(names).map((id) => [id, 'all'])) : names;
}

function enginesModule(single) {
  const names = namesOf(single);
  const head = `export const engineNames = ${text(names)};\n`;
  if (single) {
    const bytes = readFileSync(join(folder, 'all.wasm')).toString('base64');
    return `${head}export const engineUrls = {};\nexport const engineBytes = ${text(bytes)};`;
  }
  const files = [...new Set(Object.values(names))];
  const imports = files.map((name, i) => `import url${i} from ${text(join(folder, `${name}.wasm?url`))};`);
  const urls = files.map((name, i) => `${text(name)}: url${i}`);
  return `${imports.join('\n')}\n${head}export const engineUrls = { ${urls.join(', ')} };\nexport const engineBytes = '';`;
}

function glueModule(single) {
  const path = (name) => text(join(folder, `${name}.mjs`));
  if (single) return `import all from ${path('all')};\nexport const createEngine = async () => all;`;
  const glue = [...new Set(Object.values(namesOf(false)))].map(
    (name) => `  ${text(name)}: () => import(${path(name)}),`,
  );
  return `const glue = {\n${glue.join('\n')}\n};\nexport const createEngine = async (name) => (await glue[name]()).default;`;
}

function experimentsModule() {
  const listed = JSON.parse(
    execFileSync(join(root, 'build/native/glassformer'), ['catalog', '--json'], { maxBuffer: 1 << 26 }),
  );
  const experiments = listed.experiments.map(({ id, summary }) => ({ id, summary }));
  const sources = experiments.map(({ id }) => {
    const file = join(root, 'core/experiments', `${id.replace('.', '/')}.cpp`);
    return `  ${text(id)}: async () => (await import(${text(`${file}?raw`)})).default,`;
  });
  return `export const experiments = ${text(experiments)};\nexport const sources = {\n${sources.join('\n')}\n};`;
}

/**
 * virtual:engines       which engine computes what, and where its bytes are
 * virtual:engine-glue   Emscripten's loader of each, for the worker
 * virtual:experiments   all experiments there are, and their source texts
 */
export function engines(single) {
  const modules = {
    'virtual:engines': () => enginesModule(single),
    'virtual:engine-glue': () => glueModule(single),
    'virtual:experiments': experimentsModule,
  };
  return {
    name: 'glassformer-engines',
    resolveId: (id) => (Object.hasOwn(modules, id) ? `\0${id}` : undefined),
    load: (id) =>
      id.startsWith('\0virtual:') && Object.hasOwn(modules, id.slice(1)) ? modules[id.slice(1)]() : undefined,
  };
}
