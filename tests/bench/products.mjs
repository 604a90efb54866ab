// Products on one thread of WebAssembly under Node, in one process and in turn: Glassformer, ONNX Runtime Web and
// TensorFlow.js. Prints GFLOP/s and the ratios that are wanted. Not a test: machines differ.
//   . scripts/environment; ninja -C build/wasm glassformer_bench; cd tests/bench; npm ci; node products.mjs [ROUNDS]
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEngine } from './engine.mjs';
import { matmulModel } from './onnx_model.mjs';
import { rateOf, report, takeTurns } from './statistics.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

// `chain`: products per call of the other engines, so that what a call costs them does not count against them.
const cases = [
  { name: 'matmul 256x256x256', a: [256, 256], b: [256, 256], chain: 8, wanted: { 'onnxruntime-web': 1.5, tfjs: 1.15 } },
  { name: 'batched 12 x 64x64x64', a: [12, 64, 64], b: [12, 64, 64], chain: 16, wanted: { best: 1.5 } },
  { name: 'vector 1x768x3072', a: [1, 768], b: [768, 3072], chain: 1, wanted: { best: 1.1 } },
];
const size = (shape) => shape.reduce((x, y) => x * y, 1);
const gigaflop = ({ a, b, chain }) => (2 * size(a) * b.at(-1) * chain) / 1e9;

function values(shape) {
  const out = new Float32Array(size(shape));
  for (let i = 0; i < out.length; ++i) out[i] = (((i * 7919) % 2003) / 1000 - 1) / Math.sqrt(shape.at(-1));
  return out;
}

const ours = await loadEngine(path.join(here, '../../build/wasm/tests/glassformer_bench.mjs'));

const ort = require('onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
async function onnxruntime(one, weightsAreConstant) {
  const model = matmulModel(one, weightsAreConstant ? values(one.b) : null);
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const feeds = { a: new ort.Tensor('float32', values(one.a), one.a) };
  if (!weightsAreConstant) feeds.b = new ort.Tensor('float32', values(one.b), one.b);
  return async () => gigaflop(one) * (await rateOf(() => session.run(feeds)));
}

const tf = require('@tensorflow/tfjs-core');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + path.sep);
wasm.setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();
function tensorflow(one) {
  const a = tf.tensor(values(one.a), one.a);
  const b = tf.tensor(values(one.b), one.b);
  const call = () =>
    tf.tidy(() => {
      let x = a;
      for (let i = 0; i < one.chain; ++i) x = tf.matMul(x, b);
    });
  return async () => gigaflop(one) * (await rateOf(call));
}

const rounds = Number(process.argv[2] ?? 7);
for (const one of cases) {
  const rates = await takeTurns(
    {
      glassformer: () => ours(one.name)[0].rate,
      // Weights as a constant are packed beforehand, as inputs they are not: the better of the two counts.
      'onnxruntime, b given': await onnxruntime(one, false),
      'onnxruntime, b constant': await onnxruntime(one, true),
      tfjs: tensorflow(one),
    },
    rounds,
  );
  rates['onnxruntime-web'] = Math.max(rates['onnxruntime, b given'], rates['onnxruntime, b constant']);
  rates.best = Math.max(rates['onnxruntime-web'], rates.tfjs);
  report(one.name, 'GFLOP/s', rates, one.wanted);
}
