// What Vite does beyond its own: lessons as modules, only the woff2 fonts, the security policy, the service worker. (icons.mjs: the web app)
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glossaryPath, readGlossary } from './glossary.mjs';
import { compileLesson, renderRich } from './prose.mjs';
import { plainProse, searchEntry } from './search.mjs';

const lessonsFolder = join(dirname(fileURLToPath(import.meta.url)), '../../lessons');

/** id -> path of every lesson file. */
export function lessonFiles(folder = lessonsFolder) {
  const files = new Map();
  for (const chapter of readdirSync(folder).filter((name) => name.startsWith('chapter-'))) {
    for (const name of readdirSync(join(folder, chapter)).filter((name) => name.endsWith('.json'))) {
      files.set(`${chapter.slice('chapter-'.length)}-${name.split('-')[0]}`, join(folder, chapter, name));
    }
  }
  return files;
}

function readLesson(path) {
  try {
    return compileLesson(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path}: ${error.message}`, { cause: error });
  }
}

const source = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The questions as the pages list them; what only a lesson knows (difficulty, tags) where there is one. */
function listedQuestions(bank) {
  const files = lessonFiles();
  return bank.questions.map((q) => {
    const lesson = files.has(q.id) ? source(files.get(q.id)) : undefined;
    return {
      id: q.id,
      chapter: q.chapter,
      text: { zh: q.zh, en: q.en },
      html: { zh: renderRich(q.zh, true)[0], en: renderRich(q.en, true)[0] },
      ready: lesson !== undefined,
      ...(lesson
        ? { difficulty: lesson.difficulty, tags: lesson.tags, experiments: lesson.parts.map((part) => part.experiment) }
        : {}),
    };
  });
}

/** Terms with their definitions set, and as plain words for the search. */
function compiledGlossary() {
  return readGlossary().map(({ id, name, definition, questions = [], see = [] }) => ({
    id,
    name,
    html: { zh: renderRich(definition.zh, true)[0], en: renderRich(definition.en, true)[0] },
    plain: { zh: plainProse(definition.zh), en: plainProse(definition.en) },
    questions,
    see,
  }));
}

/**
 * virtual:questions   all questions by chapter, and which of them have a lesson
 * virtual:lessons     { id: () => import(its compiled lesson) }
 * virtual:glossary    the terms
 * virtual:search      every lesson's words, for the search
 */
export function lessons() {
  const prefix = '\0lesson:';
  return {
    name: 'glassformer-lessons',
    resolveId(id) {
      if (/^virtual:(questions|lessons|glossary|search)$/.test(id)) return '\0' + id;
      if (id.startsWith('virtual:lesson/')) return prefix + id.slice('virtual:lesson/'.length);
      return undefined;
    },
    load(id) {
      if (id === '\0virtual:questions') {
        const bank = JSON.parse(readFileSync(join(lessonsFolder, 'questions.json'), 'utf8'));
        this.addWatchFile(join(lessonsFolder, 'questions.json'));
        const entries = listedQuestions(bank);
        return `export const chapters = ${JSON.stringify(bank.chapters)};\nexport const questions = ${JSON.stringify(entries)};`;
      }
      if (id === '\0virtual:glossary') {
        this.addWatchFile(glossaryPath);
        return `export const terms = JSON.parse(${JSON.stringify(JSON.stringify(compiledGlossary()))});`;
      }
      if (id === '\0virtual:search') {
        const entries = [...lessonFiles().values()].map((path) => searchEntry(source(path)));
        return `export const entries = JSON.parse(${JSON.stringify(JSON.stringify(entries))});`;
      }
      if (id === '\0virtual:lessons') {
        const lines = [...lessonFiles().keys()].map((key) => `  '${key}': () => import('virtual:lesson/${key}'),`);
        return `export const lessons = {\n${lines.join('\n')}\n};`;
      }
      if (id.startsWith(prefix)) {
        const path = lessonFiles().get(id.slice(prefix.length));
        this.addWatchFile(path);
        return `export default JSON.parse(${JSON.stringify(JSON.stringify(readLesson(path)))});`;
      }
      return undefined;
    },
  };
}

/** Every browser that runs WebAssembly SIMD reads woff2: KaTeX's other font files would only be weight. */
export function onlyWoff2() {
  return {
    name: 'glassformer-only-woff2',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex.*\.css/.test(id)) return undefined;
      return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'](?:woff|truetype)["']\)/g, '');
    },
  };
}

const policies = {
  site: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'",
  single: (hashes) =>
    `default-src 'none'; script-src ${hashes} 'wasm-unsafe-eval'; worker-src blob:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src data: blob:; base-uri 'none'; form-action 'none'`,
};

/** The page with a policy that allows every script standing in it by the hash of its words. Scripts are told as a browser tells them. */
export function withPolicy(html) {
  const scripts = [...html.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)];
  if (!scripts.length || scripts.some(([, attributes]) => /\bsrc=/.test(attributes))) {
    throw new Error('the single file must carry its scripts inside');
  }
  const hash = (code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`;
  const policy = policies.single(scripts.map(([, , code]) => hash(code)).join(' '));
  return html.replace('<head>', () => `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`);
}

/** No script but ours, no other host, no eval; WebAssembly may compile. In the single file when all else has been put in. */
export function securityPolicy(single) {
  const name = 'glassformer-security-policy';
  if (single) {
    return {
      name,
      apply: 'build',
      enforce: 'post',
      generateBundle: {
        order: 'post',
        handler(_, bundle) {
          for (const file of Object.values(bundle)) {
            if (file.fileName.endsWith('.html')) file.source = withPolicy(String(file.source));
          }
        },
      },
    };
  }
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: policies.site };
  return { name, apply: 'build', transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }] };
}

/** Writes sw.js with the list of all files of this build; a new build has a new list and so a new cache. */
export function serviceWorker() {
  return {
    name: 'glassformer-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const template = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'service-worker.js'), 'utf8');
      const hash = createHash('sha256');
      const names = Object.keys(bundle).sort();
      for (const name of names) {
        const entry = bundle[name];
        hash.update(name).update(entry.type === 'chunk' ? entry.code : entry.source);
      }
      const source = template
        .replace('__VERSION__', hash.digest('hex').slice(0, 16))
        .replace('__FILES__', JSON.stringify(['./', ...names.filter((name) => name !== 'index.html')]));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}
