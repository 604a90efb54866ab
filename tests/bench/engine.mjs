// `glassformer bench` as one WebAssembly module for Node and browsers alike: ninja -C build/wasm glassformer_bench

/** Loads the module (its text is read by whoever calls: Node from the disk, a page from its server). */
export async function loadEngine(url) {
  const { default: create } = await import(url);
  let lines = [];
  const module = await create({ print: (line) => lines.push(line), printErr: (line) => lines.push(line) });
  /** [{name, unit, rate}] of the cases whose name begins with one of `names`; all without. */
  return (...names) => {
    lines = [];
    const code = module.callMain(names);
    if (code) throw new Error(lines.join('\n'));
    return JSON.parse(lines.join('\n'));
  };
}
