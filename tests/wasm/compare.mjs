// The same runs natively and in WebAssembly under Node: their JSON, every number written out, must be equal byte for byte.
// Decompositions agree here too, because Eigen is built unvectorised on both sides.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const native = (args) => execFileSync(`${root}build/native/glassformer`, args, { maxBuffer: 1 << 28 }).toString();
const wasm = (args) => execFileSync(process.execPath, [`${root}build/wasm/glassformer.cjs`, ...args], { maxBuffer: 1 << 28 }).toString();

const catalog = JSON.parse(native(['catalog', '--json']));
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

let passed = 0;
let failed = 0;
for (const [experiment, parameters, seed] of settings) {
  const clamp = seed === 1 ? [] : ['--clamp-work', '20'];
  const args = ['run', experiment, '--seed', String(seed), '--json', ...clamp];
  for (const [name, chosen] of Object.entries(parameters)) args.push('--param', `${name}=${chosen}`);
  const outcome = (run) => {
    try {
      return run(args);
    } catch (error) {
      return `exit ${error.status}`; // a constraint may refuse a random setting: on both sides alike
    }
  };
  const expected = outcome(native);
  const got = outcome(wasm);
  if (expected === got && (expected.length > 100 || expected === 'exit 1' || expected === 'exit 2')) {
    passed += 1;
  } else {
    failed += 1;
    console.error(`FAILED glassformer ${args.join(' ')}: ${expected.length} and ${got.length} characters`);
  }
}
const checks = ['check', '--json'];
if (native(checks) === wasm(checks)) passed += 1;
else {
  failed += 1;
  console.error('FAILED glassformer check --json differs');
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
