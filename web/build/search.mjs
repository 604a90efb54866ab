// What the search looks through: the words of every lesson without their markup, made at build time.

const greek = 'alpha beta gamma delta varepsilon epsilon theta lambda mu rho sigma tau phi omega Sigma Delta'.split(
  ' ',
);
const letters = 'α β γ δ ε ε θ λ μ ρ σ τ φ ω Σ Δ'.split(' ');
const signs = {
  cdot: '·',
  times: '×',
  approx: '≈',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  sum: 'Σ',
  infty: '∞',
  to: '→',
  top: 'ᵀ',
  odot: '⊙',
  mid: '|',
  ln: 'ln',
  log: 'log',
  exp: 'exp',
  tanh: 'tanh',
  min: 'min',
  max: 'max',
};
greek.forEach((name, i) => (signs[name] = letters[i]));

/** A formula as one would write it in a chat: enough to read a snippet and to find d_k. */
export function plainMath(latex) {
  return latex
    .replace(/\\(?:mathrm|mathbf|operatorname|text|mathbb|tilde|hat|bar)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\sqrt\s*\{([^{}]*)\}/g, '√$1')
    .replace(/\\[td]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, '$1/$2')
    .replace(/\\([A-Za-z]+)\s?/g, (_, name) => signs[name] ?? '')
    .replace(/[{}\\]/g, '')
    .replace(/_([A-Za-z0-9])/g, '_$1');
}

/** Markdown with formulas and live numbers -> words. */
export function plainProse(source) {
  const text = Array.isArray(source) ? source.join('\n') : source;
  return text
    .replace(/\{\{[^{}]*\}\}/g, '…')
    .replace(/\$\$([\s\S]+?)\$\$/g, (_, latex) => plainMath(latex))
    .replace(/\$([^$\n]+?)\$/g, (_, latex) => plainMath(latex))
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`#>|]/g, '')
    .replace(/^\s*[-\d.]+\s+/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** One lesson for the search. */
export function searchEntry(lesson) {
  const body = (language) =>
    [
      lesson.answer.short[language],
      lesson.answer.full[language],
      ...lesson.wrong.flatMap((w) => [w.claim[language], w.why[language]]),
      ...lesson.followups.flatMap((f) => [f.question[language], f.answer[language]]),
      ...lesson.rubric.map((r) => r[language]),
    ]
      .map(plainProse)
      .join(' ');
  return { id: lesson.id, tags: lesson.tags, body: { zh: body('zh'), en: body('en') } };
}
