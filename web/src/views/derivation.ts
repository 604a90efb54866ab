import type { Derivation, Frame, Role, TensorValue } from '../engine/protocol';
import type { CellRef, Region } from './explain';
import { axisIndex, cellName, flatIndex, tensorOf } from './tensors';

/** One number that a cell was made from. */
export interface Source {
  value: number;
  tensor: TensorValue;
  ref: CellRef;
}

type Entry = { fixed: number } | { axis: number } | { slot: number };

/**
 * Reads the inputs of a derivation for one cell. An input's index names axes of the result (that coordinate), contracted
 * indices (run over, numbered by `term`) or is a number. The same rules as core/experiments/verify.cpp, which holds every
 * experiment to them.
 */
export class DerivationReader {
  readonly contracted: { name: string; extent: number }[] = [];
  readonly derivation: Derivation;
  readonly result: TensorValue;
  readonly cell: number[];
  #inputs: { name: string; tensor: TensorValue; entries: Entry[] }[];

  constructor(frame: Frame, result: TensorValue, cell: number[], derivation: Derivation) {
    this.result = result;
    this.cell = cell;
    this.derivation = derivation;
    this.#inputs = derivation.inputs.map(({ value: name, index }) => {
      const tensor = tensorOf(frame, name);
      return { name, tensor, entries: index.map((entry, i) => this.#entry(String(entry), tensor.shape[i]!)) };
    });
  }

  #entry(name: string, extent: number): Entry {
    if (/^\d+$/.test(name)) return { fixed: Number(name) };
    const axis = axisIndex(this.result, name);
    if (axis >= 0) return { axis };
    let slot = this.contracted.findIndex((c) => c.name === name);
    if (slot < 0) slot = this.contracted.push({ name, extent }) - 1;
    return { slot };
  }

  get inputs(): number {
    return this.#inputs.length;
  }
  get terms(): number {
    return this.contracted.reduce((product, { extent }) => product * extent, 1);
  }
  roleOf(input: number): Role {
    return this.#inputs[input]!.tensor.role;
  }
  nameOf(input: number): string {
    return this.#inputs[input]!.name;
  }
  attribute(name: string): string | number | undefined {
    return this.derivation.attributes[name];
  }
  /** What a mask puts in: a number, or the name of one that JSON cannot hold. */
  get fill(): number {
    const fill = this.attribute('fill');
    if (typeof fill === 'number') return fill;
    return fill === 'inf' ? Infinity : fill === 'nan' ? NaN : -Infinity;
  }
  get fillText(): string {
    const { fill } = this;
    return Number.isFinite(fill) ? String(fill) : Number.isNaN(fill) ? 'NaN' : fill > 0 ? '∞' : '−∞';
  }
  /** The axis of the result that softmax, norm and concat run along, and its extent. */
  get along(): { axis: number; extent: number } {
    const axis = axisIndex(this.result, String(this.attribute('axis')));
    return { axis, extent: this.result.shape[axis] ?? 0 };
  }
  /** How many cells an input has along the `axis` of a concat. */
  extentAlong(input: number): number {
    const { axis } = this.along;
    const { tensor, entries } = this.#inputs[input]!;
    const place = entries.findIndex((entry) => 'axis' in entry && entry.axis === axis);
    return place < 0 ? 1 : tensor.shape[place]!;
  }

  /** `input` at the cell, for one setting of the contracted indices; `at` replaces the coordinate of one axis of the result. */
  read(input: number, term = 0, at?: { axis: number; index: number }): Source {
    const { name, tensor, entries } = this.#inputs[input]!;
    const digits: number[] = [];
    let rest = term;
    for (const { extent } of this.contracted) {
      digits.push(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const index = entries.map((entry) => {
      if ('fixed' in entry) return entry.fixed;
      if ('slot' in entry) return digits[entry.slot]!;
      return at && at.axis === entry.axis ? at.index : this.cell[entry.axis]!;
    });
    return this.#source(name, tensor, index);
  }

  /** A row of a table: every contracted index is the id. */
  lookUp(input: number, id: number): Source {
    const { name, tensor, entries } = this.#inputs[input]!;
    const index = entries.map((entry) =>
      'fixed' in entry ? entry.fixed : 'slot' in entry ? id : this.cell[entry.axis]!,
    );
    return this.#source(name, tensor, index);
  }

  #source(name: string, tensor: TensorValue, index: number[]): Source {
    return { value: tensor.data[flatIndex(tensor.shape, index)] ?? NaN, tensor, ref: { value: name, index } };
  }

  /** Which input of a concat the cell stands in, and where along the axis. */
  part(): { input: number; index: number } {
    let index = this.cell[this.along.axis] ?? 0;
    for (let input = 0; input < this.inputs; input += 1) {
      const extent = this.extentAlong(input);
      if (index < extent) return { input, index };
      index -= extent;
    }
    return { input: this.inputs - 1, index: 0 };
  }

  /** Where in the inputs the cell's numbers stand. */
  regions(): Region[] {
    const { op } = this.derivation;
    const { axis } = this.along;
    const whole = op === 'softmax' || op === 'norm';
    if (op === 'concat') {
      const { input, index } = this.part();
      const { ref, tensor } = this.read(input, 0, { axis, index });
      return [{ ...ref, role: tensor.role }];
    }
    const id = op === 'lookup' ? this.read(1).value : undefined;
    return this.#inputs.map(({ name, tensor, entries }, i) => ({
      value: name,
      role: tensor.role,
      index: entries.map((entry) => {
        if ('fixed' in entry) return entry.fixed;
        if ('slot' in entry) return id !== undefined && i === 0 ? id : null;
        return whole && entry.axis === axis ? null : this.cell[entry.axis]!;
      }),
    }));
  }
}

/** "query[2, ·]": a row by name, with a dot for the index that is run over. */
export function rowName(region: Region, tensor: TensorValue): string {
  const dots = region.index.map((index, axis) =>
    index === null ? '·' : (tensor.axes[axis]?.ticks?.[index] ?? String(index)),
  );
  return `${region.value}[${dots.join(', ')}]`;
}
export const sourceName = (source: Source): string => cellName(source.ref.value, source.tensor, source.ref.index);
