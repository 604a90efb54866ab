import type { Parameter } from '../engine/protocol';

/** Positions a slider has: one per integer or power of two, 200 for a real range. */
export function sliderSteps(parameter: Parameter): number {
  const { minimum = 0, maximum = 1, spacing, kind } = parameter;
  if (spacing === 'power_of_two') return Math.round(Math.log2(maximum / minimum));
  if (kind === 'integer' && spacing !== 'logarithmic') return Math.min(1000, maximum - minimum);
  return 200;
}

export function sliderValue(parameter: Parameter, position: number): number {
  const { minimum = 0, maximum = 1, spacing, kind } = parameter;
  const steps = sliderSteps(parameter);
  if (spacing === 'power_of_two') return minimum * 2 ** position;
  const share = position / steps;
  if (spacing === 'logarithmic') {
    const value = minimum * (maximum / minimum) ** share;
    return clamp(kind === 'integer' ? Math.round(value) : Number(value.toPrecision(3)), minimum, maximum);
  }
  const value = minimum + share * (maximum - minimum);
  return clamp(kind === 'integer' ? Math.round(value) : Number(value.toPrecision(4)), minimum, maximum);
}

export function sliderPosition(parameter: Parameter, value: number): number {
  const { minimum = 0, maximum = 1, spacing } = parameter;
  const inside = clamp(Number.isFinite(value) ? value : minimum, minimum, maximum);
  const steps = sliderSteps(parameter);
  if (spacing === 'power_of_two') return Math.round(Math.log2(inside / minimum));
  if (spacing === 'logarithmic') return Math.round((steps * Math.log(inside / minimum)) / Math.log(maximum / minimum));
  return Math.round((steps * (inside - minimum)) / (maximum - minimum));
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
