// The GPT of `glassformer bench` (core/cli/bench.cpp) in jax-js: Pre-LN, learned positions, tied embeddings times
// sqrt(d_model), exact GELU, cross-entropy, Adam; one jit over the whole update, as its documentation advises. In jax-js a
// function owns its arguments: what is used again is taken by `.ref`.
import { defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from '@jax-js/jax';

// jax-js calls iterators' map and filter, which Node 20 lacks.
const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
iterator.map ??= function* map(f) {
  for (const x of this) yield f(x);
};
iterator.filter ??= function* filter(f) {
  for (const x of this) if (f(x)) yield x;
};

export const size = { vocabulary: 64, length: 32, layers: 2, d: 64, heads: 4, d_ff: 256, batch: 32 };

function parameters() {
  let seed = 0;
  const normal = (shape, deviation) => random.normal(random.key(++seed), shape).mul(deviation);
  const linear = (from, to) => ({ weight: normal([from, to], from ** -0.5), bias: np.zeros([to]) });
  const norm = () => ({ gamma: np.ones([size.d]), beta: np.zeros([size.d]) });
  return {
    token: normal([size.vocabulary, size.d], size.d ** -0.5),
    position: normal([size.length, size.d], size.d ** -0.5),
    layers: Array.from({ length: size.layers }, () => ({
      attention_norm: norm(),
      query: linear(size.d, size.d),
      key: linear(size.d, size.d),
      value: linear(size.d, size.d),
      output: linear(size.d, size.d),
      feed_forward_norm: norm(),
      up: linear(size.d, size.d_ff),
      down: linear(size.d_ff, size.d),
    })),
    final_norm: norm(),
  };
}

const apply = ({ weight, bias }, x) => np.matmul(x, weight).add(bias);
function normalise({ gamma, beta }, x) {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5))).mul(gamma).add(beta);
}

function loss(p, ids, targets) {
  const rows = size.batch * size.length;
  const heads = (x) => x.reshape([size.batch, size.length, size.heads, size.d / size.heads]);
  const token = np.matmul(nn.oneHot(ids, size.vocabulary), p.token.ref).mul(Math.sqrt(size.d));
  let x = token.reshape([size.batch, size.length, size.d]).add(p.position).reshape([rows, size.d]);
  for (const layer of p.layers) {
    const normed = normalise(layer.attention_norm, x.ref);
    const query = heads(apply(layer.query, normed.ref));
    const key = heads(apply(layer.key, normed.ref));
    const value = heads(apply(layer.value, normed));
    const mixed = nn.dotProductAttention(query, key, value, { isCausal: true });
    x = x.add(apply(layer.output, mixed.reshape([rows, size.d])));
    const hidden = nn.gelu(apply(layer.up, normalise(layer.feed_forward_norm, x.ref)), { approximate: false });
    x = x.add(apply(layer.down, hidden));
  }
  const logits = np.matmul(normalise(p.final_norm, x), np.transpose(p.token));
  const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, size.vocabulary));
  return np.sum(picked).mul(-1 / rows);
}

// Kingma & Ba 2015, algorithm 1; `factor` = sqrt(1 - beta2^t) / (1 - beta1^t) is handed over, so that nothing compiles anew.
const update = jit((state, factor, ids, targets) => {
  const { parameters: p, first, second } = state;
  const [value, gradient] = valueAndGrad(loss)(tree.ref(p), ids, targets);
  const m = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), first, tree.ref(gradient));
  const v = tree.map((a, g) => a.mul(0.999).add(np.square(g).mul(0.001)), second, gradient);
  const next = tree.map(
    (w, a, b) => w.sub(a.mul(factor.ref).mul(1e-3).div(np.sqrt(b).add(1e-8))),
    p,
    tree.ref(m),
    tree.ref(v),
  );
  factor.dispose();
  return { state: { parameters: next, first: m, second: v }, value };
});

/** A function that makes one update and gives the loss. */
export async function jaxTraining() {
  await init('wasm');
  defaultDevice('wasm');
  const id = (i) => (i * 37 + Math.floor(i / 7)) % size.vocabulary;
  const ids = np.array(Int32Array.from({ length: size.batch * size.length }, (_, i) => id(i)));
  const p = parameters();
  const zeros = () => tree.map((a) => np.zeros(a.shape), tree.ref(p));
  let state = { first: zeros(), second: zeros(), parameters: p };
  let count = 0;
  return async () => {
    count += 1;
    const factor = np.array(Math.sqrt(1 - 0.999 ** count) / (1 - 0.9 ** count));
    const result = update(state, factor, ids.ref, ids.ref);
    state = result.state;
    return (await result.value.data())[0];
  };
}
