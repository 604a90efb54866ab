// The same runs natively and in WebAssembly under Node: their JSON, every number written out, must be equal byte for byte.
// Decompositions agree here too, because Eigen is built unvectorised on both sides.
import { execFile, execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const room = { maxBuffer: 1 << 28 };
const catalog = JSON.parse(execFileSync(`${root}build/native/glassformer`, ['catalog', '--json'], room).toString());
/** What it printed, or how it ended: a constraint may refuse a random setting, on both sides alike. */
const outcome = (program, args) =>
  promisify(execFile)(program, args, room).then(
    ({ stdout }) => stdout,
    (error) => `exit ${error.code}`,
  );
const native = (args) => outcome(`${root}build/native/glassformer`, args);
const wasm = (args) => outcome(process.execPath, [`${root}build/wasm/glassformer.cjs`, ...args]);

const settings = [];
let state = 20240607;
const random = () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};
/** A valid value: an end of the range, or anything in it. */
function value(parameter) {
  const { kind, minimum, maximum, spacing, options } = parameter;
  if (kind === 'enumeration') return options[Math.floor(random() * options.length)].name;
  if (kind === 'boolean') return random() < 0.5;
  if (kind === 'integer' || kind === 'number') {
    const share = random() < 0.3 ? Math.round(random()) : random();
    if (spacing === 'power_of_two') return 2 ** Math.round(Math.log2(minimum) + share * Math.log2(maximum / minimum));
    const x = minimum + share * (maximum - minimum);
    return kind === 'integer' ? Math.round(x) : Number(x.toPrecision(3));
  }
  return undefined;
}
for (const experiment of catalog.experiments) {
  settings.push([experiment.id, {}, 1]);
  for (let i = 0; i < 6; i += 1) {
    const parameters = {};
    for (const parameter of experiment.parameters) {
      const chosen = value(parameter);
      if (chosen !== undefined) parameters[parameter.name] = chosen;
    }
    settings.push([experiment.id, parameters, Math.floor(random() * 1000)]);
  }
}

// Large enough that Eigen works in blocks.
settings.push(['training.dropout_regularizer', { p: 0.3, samples: 200, features: 76, noise: 1 }, 2]);

// The claims of all lessons: longest, so first. Where both sides say the same, what holds natively holds here.
const runs = [['check', '--json']];
for (const [experiment, parameters, seed] of settings) {
  const args = ['run', experiment, '--seed', String(seed), '--json', ...(seed === 1 ? [] : ['--clamp-work', '20'])];
  for (const [name, chosen] of Object.entries(parameters)) args.push('--param', `${name}=${chosen}`);
  runs.push(args);
}

let passed = 0;
let failed = 0;
async function worker() {
  for (let args = runs.shift(); args; args = runs.shift()) {
    const expected = await native(args);
    const got = await wasm(args);
    const refused = args[0] === 'run' && (expected === 'exit 1' || expected === 'exit 2');
    if (expected === got && (expected.length > 100 || refused)) {
      passed += 1;
    } else {
      failed += 1;
      console.error(`FAILED glassformer ${args.join(' ')}: ${expected.length} and ${got.length} characters`);
    }
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
