// What a picture must never do, looked for in the rendered page: stand out of its column, print one label over another,
// show colours without a legend, lose a name. Used by views.mjs on every kind of view.

/** Runs in the page: problems of every figure, in words. */
export function problemsOfFigures() {
  const problems = [];
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const viewport = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > viewport) problems.push(`the page is ${document.documentElement.scrollWidth} px wide in ${viewport}`);
  for (const figure of document.querySelectorAll('figure[data-view]')) {
    const name = `${figure.dataset.view} "${figure.querySelector('.title')?.textContent.trim() ?? ''}"`;
    const frame = figure.getBoundingClientRect();
    for (const svg of figure.querySelectorAll('svg')) {
      if (!seen(svg) || svg.closest('figure') !== figure) continue;
      const box = svg.getBoundingClientRect();
      const scrolls = svg.closest('.scroll, .strips') !== null;
      if (!scrolls && (box.left < frame.left - 1 || box.right > frame.right + 1)) problems.push(`${name}: a drawing stands out of its figure`);
      const texts = [...svg.querySelectorAll('text')].filter((text) => seen(text) && text.textContent.trim() !== '');
      const boxes = texts.map((text) => ({ text: text.textContent.trim(), box: text.getBoundingClientRect() }));
      for (const { text, box: at } of boxes) {
        if (!scrolls && (at.left < frame.left - 2 || at.right > frame.right + 2)) problems.push(`${name}: "${text}" is cut off`);
        if (at.top < box.top - 3 || at.bottom > box.bottom + 4) problems.push(`${name}: "${text}" stands over the edge`);
      }
      for (let i = 0; i < boxes.length; i += 1) {
        for (let j = i + 1; j < boxes.length; j += 1) {
          const [a, b] = [boxes[i].box, boxes[j].box];
          const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          // Boxes of text are taller than the letters; a few pixels of air may touch.
          if (across > 1.5 && down > 4.5) problems.push(`${name}: "${boxes[i].text}" and "${boxes[j].text}" lie on each other`);
        }
      }
      for (const shape of svg.querySelectorAll('path, rect, circle, line')) {
        for (const attribute of ['d', 'x', 'y', 'width', 'height', 'cx', 'cy', 'x1', 'y1', 'x2', 'y2', 'transform'])
          if (/NaN|Infinity|undefined/.test(shape.getAttribute(attribute) ?? '')) problems.push(`${name}: ${shape.tagName} has ${attribute}="${shape.getAttribute(attribute).slice(0, 40)}"`);
      }
    }
    if (figure.querySelector(':scope .error')) problems.push(`${name}: ${figure.querySelector('.error').textContent.trim()}`);
    if (['heatmap', 'matrix', 'arcs', 'image'].includes(figure.dataset.view)) {
      const legend = figure.querySelector('.legend, [data-legend]');
      if (!legend || !/\d/.test(legend.textContent)) problems.push(`${name}: no legend with numbers`);
    }
    if (figure.textContent.includes('undefined') || figure.textContent.includes('[object')) problems.push(`${name}: a value that is none is printed`);
  }
  return problems;
}

/** Small controls a finger cannot hit. */
export function smallTargets() {
  const problems = [];
  for (const element of document.querySelectorAll('figure button, figure select, figure input')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || getComputedStyle(element).visibility === 'hidden' || element.closest('.visually-hidden')) continue;
    if (box.height < 30) problems.push(`${element.closest('figure').dataset.view}: ${element.tagName} "${element.textContent.trim().slice(0, 20)}" is ${Math.round(box.height)} px high`);
  }
  return problems;
}
