// The few messages of ONNX's protocol buffers that a chain of MatMul needs, written byte by byte: no exporter is required.

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return bytes;
}
const number = (field, value) => Buffer.from([...varint(field * 8), ...varint(value)]);
function bytes(field, content) {
  const body = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}
const message = (...fields) => Buffer.concat(fields);

const FLOAT = 1;
function valueInfo(name, shape) {
  const dimensions = shape.map((extent) => bytes(1, number(1, extent)));
  return message(bytes(1, name), bytes(2, bytes(1, message(number(1, FLOAT), bytes(2, message(...dimensions))))));
}

/** y = a b b ... b with `chain` products; b is an input, or a constant when its values are given. */
export function matmulModel({ a, b, chain }, constant) {
  const names = ['a', ...Array.from({ length: chain - 1 }, (_, i) => `x${i}`), 'y'];
  const nodes = Array.from({ length: chain }, (_, i) =>
    bytes(1, message(bytes(1, names[i]), bytes(1, 'b'), bytes(2, names[i + 1]), bytes(4, 'MatMul'))),
  );
  const raw = constant && Buffer.from(constant.buffer, constant.byteOffset, constant.byteLength);
  const weights = constant
    ? bytes(5, message(...b.map((extent) => number(1, extent)), number(2, FLOAT), bytes(8, 'b'), bytes(9, raw)))
    : bytes(11, valueInfo('b', b));
  const graph = message(
    ...nodes,
    bytes(2, 'products'),
    bytes(11, valueInfo('a', a)),
    weights,
    bytes(12, valueInfo('y', [...a.slice(0, -1), b.at(-1)])),
  );
  return message(number(1, 8), bytes(7, graph), bytes(8, message(bytes(1, ''), number(2, 13))));
}
