import { escapeHtml } from '../lesson/live';

/** An experiment's file, cut where its declaration begins: the mechanism is what a reader comes for. */
export function splitSource(source: string): { body: string; declaration: string; declarationLine: number } {
  const at = /^(?:CostEstimate \w+\(|\}\s*\/\/ namespace\s*$\n\nconst Experiment& |const Experiment& )/m.exec(source);
  if (!at || at.index === 0) return { body: source, declaration: '', declarationLine: 1 };
  const body = source.slice(0, at.index).trimEnd();
  return {
    body,
    declaration: source.slice(at.index),
    declarationLine: source.slice(0, at.index).split('\n').length,
  };
}

/**
 * C++ as HTML with its syntax marked. Where the code reads a parameter, `arguments.integer("d_k")`, the value it has now stands
 * behind it. The highlighter is fetched when code is first looked at.
 */
export async function highlightCpp(source: string, values: Record<string, string>): Promise<string> {
  const [{ default: core }, { default: cpp }] = await Promise.all([
    import('highlight.js/lib/core'),
    import('highlight.js/lib/languages/cpp'),
  ]);
  if (!core.getLanguage('cpp')) core.registerLanguage('cpp', cpp);
  return withValues(core.highlight(source, { language: 'cpp' }).value, values);
}

/** Puts the present value behind every place where highlighted code reads a parameter. */
export function withValues(html: string, values: Record<string, string>): string {
  return html.replace(
    /(arguments\.(?:<span class="[^"]*">)?\w+(?:<\/span>)?\(<span class="hljs-string">&quot;(\w+)&quot;<\/span>\))/g,
    (whole, call: string, name: string) =>
      Object.hasOwn(values, name) ? `${call}<span class="now"> = ${escapeHtml(values[name]!)}</span>` : whole,
  );
}
