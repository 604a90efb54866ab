/** Numbers as LaTeX: an exponent is a power of ten, a true minus sign KaTeX's own. */
export const asLatex = (text: string): string =>
  text
    .replaceAll('−', '-')
    .replace(/e([+-]?\d+)$/, (_, exponent: string) => `\\times10^{${Number(exponent)}}`)
    .replace('%', '\\%')
    .replace('∞', '\\infty');

const mark = '\\term{';

/** Where the brace group that opens at `open` closes; -1 if it does not. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '{') depth += 1;
    else if (text[i] === '}' && (depth -= 1) === 0) return i;
  }
  return -1;
}

/** The \term{name}{...} of a formula: the output each links to and what stands for it. */
export function termsOf(latex: string): { name: string; latex: string }[] {
  const found: { name: string; latex: string }[] = [];
  for (let at = latex.indexOf(mark); at >= 0; at = latex.indexOf(mark, at + 1)) {
    const nameEnd = closing(latex, at + mark.length - 1);
    const end = nameEnd < 0 || latex[nameEnd + 1] !== '{' ? -1 : closing(latex, nameEnd + 1);
    if (end < 0) continue;
    const inside = latex.slice(nameEnd + 2, end);
    found.push({ name: latex.slice(at + mark.length, nameEnd), latex: inside.replaceAll(/\\term\{\w+\}/g, '') });
  }
  return found;
}

/** \term becomes a class that names the output, and one that gives it the colour of its role. */
export const withTerms = (latex: string, roleOf: (name: string) => string): string =>
  latex.replaceAll(/\\term\{(\w+)\}/g, (_, name: string) => `\\htmlClass{term term-${name} role-${roleOf(name)}}`);

/** The terms of several formulas, each output once. */
export function differentTerms(lines: string[]): { name: string; latex: string }[] {
  const first = new Map<string, string>();
  for (const term of lines.flatMap(termsOf)) if (!first.has(term.name)) first.set(term.name, term.latex);
  return [...first].map(([name, latex]) => ({ name, latex }));
}
