import type { WireFrame } from './messages';
import type { Frame, SeriesValue, TensorHeader, TensorValue, Value } from './protocol';

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

function tensor({ offset, size, ...rest }: TensorHeader, buffer: ArrayBuffer): TensorValue {
  return { ...rest, data: new arrays[rest.dtype](buffer, offset, size) };
}

/** Joins what a run sends: tensors get their data, series become whole curves. One per run. */
export class FrameReader {
  #series = new Map<string, [number, number | null][]>();

  read(wire: WireFrame, buffer: ArrayBuffer): Frame {
    const values: Record<string, Value> = {};
    for (const [name, value] of Object.entries(wire.values)) {
      if (value.kind === 'tensor') values[name] = tensor(value as TensorHeader, buffer);
      else if (value.kind === 'series') values[name] = this.#join(name, value);
      else values[name] = value;
    }
    return { ...wire, values };
  }

  #join(name: string, value: SeriesValue): SeriesValue {
    const points = [...(this.#series.get(name) ?? []).slice(0, value.from), ...value.points];
    this.#series.set(name, points);
    return { ...value, from: 0, points };
  }
}
